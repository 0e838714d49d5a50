package dev.gyre.scheduler;

import org.jspecify.annotations.Nullable;

/**
 * What an encoder-only model makes of one sequence. What was not asked for, or what the model does not have, is null.
 *
 * @param rows {@code [tokens, width]}, row-major: the last hidden state of every token
 * @param pooled {@code [width]}: what the model's own pooler makes of the first row
 * @param scores {@code [labels]}, or {@code [tokens, labels]} of a token classifier: logits
 */
public record EncodedText(float @Nullable [] rows, float @Nullable [] pooled, float @Nullable [] scores) {

    static final EncodedText NOTHING = new EncodedText(null, null, null);
}
