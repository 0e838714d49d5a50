package dev.gyre.decoding;

/**
 * Nothing can come next in any hypothesis of a request, and none has been found: every token is banned, suppressed or not
 * allowed, or the logits are no numbers. No other request is concerned.
 */
public final class NoTokenException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /** @param message one line that says why */
    public NoTokenException(String message) {
        super(message);
    }
}
