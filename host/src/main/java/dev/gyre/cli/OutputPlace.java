package dev.gyre.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files that an output is written to: the one with its name, and those that stand for it until it is whole. */
final class OutputPlace {

    /** Where the process's standard input can be looked at by a name; elsewhere there is no such file. */
    private static final Path STANDARD_INPUT = Path.of("/dev/stdin");

    private OutputPlace() {}

    /**
     * Complains about an output that would destroy what it is made from, by whatever names.
     *
     * @param endings of the files that stand beside {@code output} until it is whole
     */
    static void requireOther(String output, List<String> endings, Input input) {
        switch (input) {
            case Input.File file -> requireOther(output, endings, file.path(), file.name());
            case Input.Standard _ -> requireOther(output, endings, STANDARD_INPUT, input.name());
            case Input.Arguments _ -> {}
        }
    }

    static void requireOther(String output, List<String> endings, Path input, String inputName) {
        // What is no file, as a terminal, is not written over.
        if (output.equals("-") || output.isEmpty() || !Files.isRegularFile(input)) {
            return;
        }
        Path file = Path.of(output);
        if (same(file, input)) {
            throw new UserException(
                    inputName.equals(output)
                            ? output + " is both input and output: give another --output"
                            : output + " is both input (" + inputName + ") and output: give another --output");
        }
        Path place = place(file);
        for (String ending : endings) {
            Path beside = place.resolveSibling(place.getFileName() + ending);
            if (same(beside, input)) {
                throw new UserException(inputName + " is both input and, as " + beside + ", where " + output
                        + " is written until it is whole: give another --output, or rename the input");
            }
        }
    }

    /** Behind links, where what is written appears. */
    private static Path place(Path file) {
        try {
            return Files.exists(file) ? file.toRealPath() : file;
        } catch (IOException e) {
            return file;
        }
    }

    private static boolean same(Path one, Path other) {
        try {
            return Files.isRegularFile(one) && Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }
}
