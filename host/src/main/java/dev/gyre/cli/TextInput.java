package dev.gyre.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Texts to work on: given, or from a file, or from standard input; a line each. */
final class TextInput {

    /** Lines that are worked on together. */
    private static final int GROUP = 1024;

    @Parameters(arity = "0..*", paramLabel = "TEXT", description = "Texts. Without, --input or standard input.")
    private List<String> texts = new ArrayList<>();

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "File to read, a text on a line; - for standard input.")
    private @Nullable String input;

    /** Works on a group of lines; throws IllegalArgumentException before it writes any of them, if one cannot be taken. */
    interface Work {
        void on(List<Line> lines) throws IOException;
    }

    Input input(Streams streams) {
        if (!texts.isEmpty() && input != null) {
            throw new UserException("give texts or --input, not both");
        }
        if (!texts.isEmpty()) {
            return new Input.Arguments(texts);
        }
        return input == null || input.equals("-") ? new Input.Standard(streams.in()) : Input.File.named(input);
    }

    /** Reads all lines and hands them on in groups. */
    void forEachGroup(Streams streams, Work work) throws IOException {
        Input from = input(streams);
        try (LineReader reader = from.open()) {
            List<Line> group = new ArrayList<>();
            for (Line line = reader.next(); line != null; line = reader.next()) {
                group.add(line);
                if (group.size() == GROUP) {
                    on(from, List.copyOf(group), work);
                    group.clear();
                }
            }
            on(from, List.copyOf(group), work);
        }
    }

    /** Where a line cannot be taken, those before it are, and the message names it: half by half it is found. */
    private static void on(Input from, List<Line> group, Work work) throws IOException {
        if (group.isEmpty()) {
            return;
        }
        try {
            work.on(group);
        } catch (IllegalArgumentException e) {
            if (group.size() == 1) {
                throw new UserException(
                        from.place(group.getFirst().number()) + ": " + Failure.oneLine(e.getMessage()), e);
            }
            int half = group.size() / 2;
            on(from, group.subList(0, half), work);
            on(from, group.subList(half, group.size()), work);
        }
    }
}
