package dev.gyre.tokens;

/** A token is not in the vocabulary, and the vocabulary has no token for the unknown. */
public class UnknownTokenException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    public UnknownTokenException(String message) {
        super(message);
    }
}
