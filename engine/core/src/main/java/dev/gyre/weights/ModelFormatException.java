package dev.gyre.weights;

/** A model's file is not what it must be. One line: the file, the field, the numbers, and what to do. */
public class ModelFormatException extends RuntimeException {

    public ModelFormatException(String message) {
        super(message);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
