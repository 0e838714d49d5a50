package dev.gyre.decoding;

/**
 * When a hypothesis is finished though no end token came: a stopping criterion of {@code generate()}. Called by the
 * thread that owns the device, so it should be quick, and must not wait for anything else on that device. Whatever it throws fails its request.
 */
@FunctionalInterface
public interface StopRule {

    /**
     * Whether a hypothesis is finished.
     *
     * @param sequence its tokens: start token or prompt, prefix, generated tokens; a copy
     * @param prompt how many of them were there before anything was generated
     */
    boolean stops(int[] sequence, int prompt);
}
