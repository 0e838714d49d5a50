package dev.gyre.cli;

/** A result came when the process was already ending. Nothing is to be said: the one who interrupted knows. */
final class InterruptedOutputException extends RuntimeException {

    InterruptedOutputException() {
        super("interrupted");
    }
}
