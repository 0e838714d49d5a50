package dev.gyre.decoding;

/**
 * Which tokens may come next: {@code prefix_allowed_tokens_fn} of {@code generate()}. Called by the thread that owns the
 * device, so it should be quick, and must not wait for anything else on that device. Whatever it throws fails its request.
 */
@FunctionalInterface
public interface NextTokens {

    /**
     * The ids that may come, in any order; those outside the vocabulary are passed over, and one at least must be left.
     *
     * @param sequence the tokens so far: start token or prompt, prefix, generated tokens; a copy
     */
    int[] allowed(int[] sequence);
}
