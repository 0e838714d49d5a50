package dev.gyre.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results go that are quickly made again. */
final class PlainOutput {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "-",
            description = "File to write; - for standard output. It appears when it is whole; until then it grows in"
                    + " FILE.unfinished.")
    private String output = "-";

    @Option(
            names = "--format",
            paramLabel = "text|jsonl",
            defaultValue = "text",
            description = "text: lines to read. jsonl: an object on a line for a text.")
    private Format format = Format.TEXT;

    boolean json() {
        return format == Format.JSONL;
    }

    Sink open(Streams streams) throws IOException {
        if (output.equals("-")) {
            return new StreamSink(streams.out(), "standard output");
        }
        Path file = Path.of(output);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            return new StreamSink(Files.newOutputStream(file), output);
        }
        return ResultFile.anew(file);
    }
}
