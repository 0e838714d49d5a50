package dev.gyre.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads, writes and talks. The output is a plain stream, because a print stream swallows what goes
 * wrong.
 *
 * @param in standard input
 * @param out data
 * @param err talk
 */
record Streams(InputStream in, OutputStream out, PrintStream err) {

    /** Those of the process. */
    static Streams ofProcess() {
        return new Streams(
                new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), System.err);
    }

    /** Writes text to standard output, at once; a failure is the one that {@link StreamSink} makes of it. */
    void write(String text) {
        new StreamSink(out, "standard output").write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Says a line, marked as ours. */
    void say(String line) {
        err.println("gyre: " + line);
    }
}
