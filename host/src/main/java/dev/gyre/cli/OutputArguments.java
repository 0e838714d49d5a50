package dev.gyre.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Option;

/** Where translations go and what they look like. */
final class OutputArguments {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "-",
            description = "File to write; - for standard output. It appears when it is whole; until then it grows in"
                    + " FILE.partial.")
    private String output = "-";

    @Option(names = "--resume", description = "Go on with what an interrupted run has left in FILE.partial.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Throw away what an interrupted run has left in FILE.partial.")
    private boolean overwrite;

    @Option(
            names = "--format",
            paramLabel = "text|jsonl",
            defaultValue = "text",
            description = "text: a line for a line (with --num-return-sequences, as many lines). jsonl: an object with"
                    + " source, text and what else was asked for.")
    private Format format = Format.TEXT;

    @Option(names = "--scores", description = "Scores too; in text before the translation, with a tab.")
    private boolean scores;

    RecordWriter writer(boolean tokens, int sequences) {
        return new RecordWriter(format, scores, tokens, sequences);
    }

    boolean scores() {
        return scores;
    }

    /** Whether results go to a file that can be continued. */
    boolean resumable() {
        return !output.equals("-") && (!Files.exists(Path.of(output)) || Files.isRegularFile(Path.of(output)));
    }

    Path file() {
        return Path.of(output);
    }

    /** What of these the output depends on. */
    String look() {
        return format.name() + (scores ? " with scores" : "");
    }

    /** Complains about what cannot be meant, before anything slow is done. */
    void check(Input input) {
        if (output.isEmpty()) {
            throw new UserException("--output names no file; - is standard output");
        }
        if (resume && overwrite) {
            throw new UserException("--resume and --overwrite cannot both be meant");
        }
        if ((resume || overwrite) && !resumable()) {
            throw new UserException((resume ? "--resume" : "--overwrite") + " needs --output FILE");
        }
        if (resume && !input.repeatable()) {
            throw new UserException("--resume needs an input that can be read again: --input FILE");
        }
        OutputPlace.requireOther(output, ResultFile.ENDINGS, input);
    }

    /** @param journal what the output is made from; only asked for where there is a file to continue */
    Sink open(Journal journal, Streams streams) throws IOException {
        if (output.equals("-")) {
            return new StreamSink(streams.out(), "standard output");
        }
        if (!resumable()) {
            return new StreamSink(Files.newOutputStream(file(), StandardOpenOption.WRITE), output);
        }
        return ResultFile.open(file(), journal, resume, overwrite);
    }
}
