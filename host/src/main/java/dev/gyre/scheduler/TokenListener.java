package dev.gyre.scheduler;

/**
 * Hears of the tokens of a request as they come, where there is one sequence that only grows (greedy, or one sample).
 * Called by the thread that owns the device: it must not wait, and should only pass the token on. Where all tokens are
 * forced, no device is needed, and the thread that submits calls it. Whatever it throws fails its request.
 */
@FunctionalInterface
public interface TokenListener {

    /** The next token was generated. */
    void token(int id);
}
