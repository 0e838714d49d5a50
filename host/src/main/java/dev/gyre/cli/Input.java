package dev.gyre.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Where sentences come from. */
sealed interface Input {

    /** What messages call it. */
    String name();

    LineReader open() throws IOException;

    /** What messages call a line, from 1. */
    default String place(long line) {
        return name() + ": line " + line;
    }

    /** Whether it gives the same once more. */
    boolean repeatable();

    /** A first pass, where there can be a second. */
    Optional<Survey> survey() throws IOException;

    /**
     * What a first pass saw.
     *
     * @param lines sentences
     * @param digest changes with the content
     */
    record Survey(long lines, String digest) {

        static Survey of(InputStream in) throws IOException {
            MessageDigest digest = sha256();
            byte[] chunk = new byte[1 << 16];
            long lines = 0;
            boolean open = false;
            for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
                for (int i = 0; i < n; i++) {
                    if (chunk[i] == '\n') {
                        lines++;
                    }
                }
                open = chunk[n - 1] != '\n';
            }
            return new Survey(
                    open ? lines + 1 : lines, "sha256 " + HexFormat.of().formatHex(digest.digest()));
        }

        static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    /** Given on the command line; each argument is a sentence, or several, a line each. */
    record Arguments(List<String> texts) implements Input {

        @Override
        public String name() {
            return "the command line";
        }

        @Override
        public String place(long line) {
            return texts.stream().anyMatch(t -> t.indexOf('\n') >= 0) ? name() + ": line " + line : "argument " + line;
        }

        @Override
        public boolean repeatable() {
            return true;
        }

        private InputStream stream() {
            return new ByteArrayInputStream(
                    String.join("\n", texts).concat("\n").getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public LineReader open() {
            return new LineReader(stream(), name());
        }

        @Override
        public Optional<Survey> survey() throws IOException {
            return Optional.of(Survey.of(stream()));
        }
    }

    /** A file; a pipe or a device by its name is read once. */
    record File(Path path) implements Input {

        /** As --input names it. */
        static File named(String name) {
            if (name.isEmpty()) {
                throw new UserException("--input names no file; - is standard input");
            }
            return new File(Path.of(name));
        }

        @Override
        public String name() {
            return path.toString();
        }

        /** A file that is missing is another mistake. */
        @Override
        public boolean repeatable() {
            return !Files.exists(path) || Files.isRegularFile(path);
        }

        @Override
        public LineReader open() throws IOException {
            if (Files.isDirectory(path)) {
                throw new UserException(path + " is a folder; the input is to be a file");
            }
            return new LineReader(Files.newInputStream(path), name());
        }

        @Override
        public Optional<Survey> survey() throws IOException {
            if (!repeatable()) {
                return Optional.empty();
            }
            try (InputStream in = Files.newInputStream(path)) {
                return Optional.of(Survey.of(in));
            }
        }
    }

    /** Standard input. */
    record Standard(InputStream in) implements Input {

        @Override
        public boolean repeatable() {
            return false;
        }

        @Override
        public String name() {
            return "standard input";
        }

        @Override
        public LineReader open() {
            return new LineReader(in, name());
        }

        @Override
        public Optional<Survey> survey() {
            return Optional.empty();
        }
    }
}
