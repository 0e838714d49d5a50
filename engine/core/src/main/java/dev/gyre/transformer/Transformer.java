package dev.gyre.transformer;

import org.jspecify.annotations.Nullable;

/**
 * A model as its family describes it: what is computed, and which tensors of the checkpoint it is computed with. No
 * numbers are loaded yet.
 *
 * @param family {@code model_type} of config.json, or the name of the format
 * @param encoder absent in decoder-only models
 * @param decoder absent in encoder-only models
 * @param output decoder rows → logits; absent without a decoder
 * @param maxSource source tokens that the position tables allow
 * @param maxTarget target tokens, start token included, that the position tables allow
 * @param head what stands on an encoder-only model
 */
public record Transformer(
        String family,
        @Nullable Stack encoder,
        @Nullable Stack decoder,
        @Nullable Projection output,
        int maxSource,
        int maxTarget,
        @Nullable Head head) {

    /** An encoder-decoder or a decoder-only model. */
    public Transformer(
            String family,
            @Nullable Stack encoder,
            @Nullable Stack decoder,
            @Nullable Projection output,
            int maxSource,
            int maxTarget) {
        this(family, encoder, decoder, output, maxSource, maxTarget, null);
    }
}
