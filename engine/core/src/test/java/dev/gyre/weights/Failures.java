package dev.gyre.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What every message about a damaged model must be. */
public final class Failures {

    private Failures() {}

    /** Asserts a failure of one line that names the file and says what the parts say. */
    public static void assertOneLine(Executable action, String file, String... parts) {
        String message = assertThrows(ModelFormatException.class, action).getMessage();
        assertTrue(message.lines().count() == 1, () -> "more than one line: " + message);
        assertTrue(message.contains(file), () -> file + " is not named in: " + message);
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }
}
