package dev.gyre.cli;

/** Who read our output has seen enough, as {@code head} does. */
final class NoReaderException extends RuntimeException {

    NoReaderException(Throwable cause) {
        super("the reader of the output went away", cause);
    }
}
