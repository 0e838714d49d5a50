package dev.gyre.scheduler;

import dev.gyre.decoding.GenerationOptions;
import org.jspecify.annotations.Nullable;

/**
 * A source to be continued on the target side.
 *
 * @param source source token ids, end token included where the model wants one; the prompt of a decoder-only model
 * @param options over those of the model
 * @param index the number of the sentence among those of its caller; sampling depends on it
 * @param listener hears of every token as it comes; only where neither beams nor several sequences are asked for
 */
public record Seq2SeqRequest(
        int[] source,
        GenerationOptions options,
        long index,
        @Nullable TokenListener listener) {

    /** A request whose tokens come all at once. */
    public Seq2SeqRequest(int[] source, GenerationOptions options, long index) {
        this(source, options, index, null);
    }

    /** The first sentence of its caller, with the options of the model. */
    public static Seq2SeqRequest of(int... source) {
        return new Seq2SeqRequest(source, GenerationOptions.DEFAULTS, 0);
    }

    public Seq2SeqRequest with(GenerationOptions other) {
        return new Seq2SeqRequest(source, other, index, listener);
    }
}
