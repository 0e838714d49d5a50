package dev.gyre.weights;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

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

    /** A file that is not there, may not be read, or is no text where it must be. */
    public static ModelFormatException unreadable(Path file, IOException cause) {
        String line = switch (cause) {
            case NoSuchFileException _ -> "there is no file " + file;
            case AccessDeniedException _ -> "cannot read " + file + ": permission denied";
            case CharacterCodingException _ -> file + " is not UTF-8 text";
            case FileSystemException e when e.getReason() != null -> "cannot read " + file + ": " + e.getReason();
            default -> "cannot read " + file + ": " + cause.getMessage();
        };
        return new ModelFormatException(line, cause);
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
