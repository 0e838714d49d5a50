package dev.gyre.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;

/**
 * Standard error as the launcher script hands it over. Before {@code main} the JVM says on descriptor 2 that it uses an
 * incubator module, and no flag keeps it from that. So the script gives it a descriptor 2 that drops this one line,
 * and the real standard error as another descriptor, which Gyre writes to, so that a terminal stays a terminal.
 */
final class StandardError {

    /** Number of the descriptor; set by the script. */
    private static final String NUMBER = "gyre.stderr";

    private StandardError() {}

    /** Points {@link System#err}, for logs as well, to it. */
    static void takeOver() {
        Integer number = Integer.getInteger(NUMBER);
        if (number == null) {
            return;
        }
        try {
            // The script opens java.io to this.
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            FileOutputStream out = new FileOutputStream(constructor.newInstance(number.intValue()));
            System.setErr(new PrintStream(out, true, StandardCharsets.UTF_8));
        } catch (ReflectiveOperationException | RuntimeException e) {
            System.err.println("gyre: standard error stays behind a filter: " + e);
        }
    }

    /** Whether a person sees it; the script knows. */
    static boolean isTerminal() {
        return Boolean.getBoolean("gyre.stderr.terminal");
    }
}
