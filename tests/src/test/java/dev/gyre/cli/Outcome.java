package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a run of the command line came to.
 *
 * @param code exit code
 * @param out data
 * @param err talk
 */
record Outcome(int code, String out, String err) {

    static Outcome of(String... arguments) {
        return with(InputStream.nullInputStream(), arguments);
    }

    static Outcome withInput(byte[] input, String... arguments) {
        return with(new ByteArrayInputStream(input), arguments);
    }

    static Outcome withInput(String input, String... arguments) {
        return withInput(input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    private static Outcome with(InputStream in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Outcome without = into(out, in, arguments);
        return new Outcome(without.code, out.toString(StandardCharsets.UTF_8), without.err);
    }

    /** A run whose output goes elsewhere. */
    static Outcome into(OutputStream out, InputStream in, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Gyre.run(arguments, new Streams(in, out, new PrintStream(err, true, StandardCharsets.UTF_8)));
        return new Outcome(code, "", err.toString(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        return out.lines().toList();
    }

    /** It went well, and nothing was said. */
    Outcome quiet() {
        assertEquals("", err);
        assertEquals(ExitCode.OK, code);
        return this;
    }

    /** The user's mistake: one line that says so much of it, no stack trace, no data. */
    Outcome mistake(String... said) {
        assertEquals(ExitCode.MISTAKE, code, err);
        return complaint(said);
    }

    /** One line on standard error that holds each of these. */
    Outcome complaint(String... said) {
        assertTrue(err.startsWith("gyre: "), err);
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.endsWith("\n"), err);
        assertFalse(err.contains("\tat "), err);
        for (String part : said) {
            assertTrue(err.contains(part), () -> "\"" + part + "\" is not in: " + err);
        }
        return this;
    }
}
