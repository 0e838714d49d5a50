package dev.gyre.scheduler;

import dev.gyre.decoding.GenerationOptions;

/**
 * A source to be continued on the target side.
 *
 * @param source source token ids, end token included where the model wants one; the prompt of a decoder-only model
 * @param options over those of the model
 * @param index the number of the sentence among those of its caller; sampling depends on it
 */
public record Seq2SeqRequest(int[] source, GenerationOptions options, long index) {

    /** The first sentence of its caller, with the options of the model. */
    public static Seq2SeqRequest of(int... source) {
        return new Seq2SeqRequest(source, GenerationOptions.DEFAULTS, 0);
    }

    public Seq2SeqRequest with(GenerationOptions other) {
        return new Seq2SeqRequest(source, other, index);
    }
}
