package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What every message for a user must be. */
public final class OneLine {

    private OneLine() {}

    /** Asserts a failure of one line that says what the parts say. */
    public static void assertFails(Class<? extends Exception> kind, Executable action, String... parts) {
        String message = assertThrows(kind, action).getMessage();
        assertEquals(1, message.lines().count(), message);
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
        }
    }
}
