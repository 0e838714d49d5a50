package dev.gyre.cli;

import dev.gyre.backend.DeviceException;
import dev.gyre.weights.ModelFormatException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How a command ended badly; also for commands that are a program of their own.
 *
 * @param line what is said, without the program's name
 * @param exitCode what the process ends with
 */
public record Failure(String line, int exitCode) {

    /** Options that say how much is computed at once, where a command has them. */
    private static final List<String> SIZES = List.of("--batch-tokens", "--max-context", "--max-length");

    /** How the command ended; what its user can do is said with its own options. */
    static Failure of(Throwable thrown, CommandSpec command) {
        Failure failure = of(thrown);
        List<String> sizes = SIZES.stream()
                .filter(option -> command.findOption(option) != null)
                .toList();
        return sizes.isEmpty() || !(unwrap(thrown) instanceof DeviceException)
                ? failure
                : new Failure(
                        failure.line.replace(
                                DeviceException.LESS_AT_ONCE,
                                DeviceException.LESS_AT_ONCE + " (lower " + String.join(" or ", sizes) + ")"),
                        failure.exitCode);
    }

    /** What is said of a failure: a mistake of the user in one line of its own, anything else as an error of Gyre's. */
    public static Failure of(Throwable thrown) {
        Throwable cause = unwrap(thrown);
        return switch (cause) {
            case UserException e -> mistake(e);
            case DeviceException e -> mistake(e);
            case NoReaderException _ -> new Failure("", ExitCode.NO_READER);
            case InterruptedOutputException _ -> new Failure("", ExitCode.INTERRUPTED);
            case ModelFormatException e -> mistake(e);
            case FileSystemException e -> new Failure(describe(e), ExitCode.MISTAKE);
            case FileNotFoundException e -> mistake(e);
            case IOException e -> mistake(e);
            case OutOfMemoryError e ->
                new Failure(
                        "the Java heap of " + Runtime.getRuntime().maxMemory() / (1024 * 1024) + " MiB is full ("
                                + oneLine(e.getMessage()) + "): give it more with GYRE_JAVA_OPTS=-Xmx...",
                        ExitCode.MISTAKE);
            default ->
                new Failure(
                        "an error of Gyre's own: " + oneLine(cause.toString()) + " (--verbose shows where)",
                        ExitCode.FAULT);
        };
    }

    private static Failure mistake(Exception e) {
        String message = e.getMessage();
        return new Failure(message == null ? e.getClass().getSimpleName() : oneLine(message), ExitCode.MISTAKE);
    }

    /** What threads and callbacks wrapped. */
    private static Throwable unwrap(Throwable thrown) {
        Throwable at = thrown;
        while (at.getCause() != null
                && (at instanceof UncheckedIOException
                        || at instanceof ExecutionException
                        || at instanceof CompletionException)) {
            at = at.getCause();
        }
        return at;
    }

    /** The file and what is the matter with it, where the exception's own message is the bare name. */
    static String describe(FileSystemException e) {
        String what = switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a folder";
            case FileAlreadyExistsException _ -> "is already there";
            default -> e.getReason() == null ? e.getClass().getSimpleName() : oneLine(e.getReason());
        };
        return e.getFile() + ": " + what;
    }

    /** With a blank where there was the end of a line. */
    public static String oneLine(@Nullable String text) {
        return text == null ? "no message" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
