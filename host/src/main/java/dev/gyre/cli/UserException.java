package dev.gyre.cli;

/** Something that the user can mend. The message is one line: what, where, the numbers, and what to do. */
final class UserException extends RuntimeException {

    UserException(String message) {
        super(message);
    }

    UserException(String message, Throwable cause) {
        super(message, cause);
    }
}
