package dev.gyre.weights;

/**
 * A model's file is not what it must be. One line: the file, the field, the numbers, and what to do. Names that come
 * from the file may hold anything; control characters are shown as {@code \}u escapes, and what is very long is cut.
 */
public class ModelFormatException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final int LONGEST = 1000;

    public ModelFormatException(String message) {
        super(printable(message));
    }

    public ModelFormatException(String message, Throwable cause) {
        super(printable(message), cause);
    }

    private static String printable(String message) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < message.length() && line.length() < LONGEST; i++) {
            char c = message.charAt(i);
            boolean breaks = Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
            line.append(breaks ? "\\u%04x".formatted((int) c) : String.valueOf(c));
        }
        return line.length() < LONGEST ? line.toString() : line.append("...").toString();
    }
}
