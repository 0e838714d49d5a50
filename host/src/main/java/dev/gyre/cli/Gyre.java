package dev.gyre.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line's entrance.
 *
 * <p>Exit codes: 0; 1 for a check that fails; 2 for the user's mistake; 70 for an error of Gyre's own; 130 after Ctrl-C;
 * 141 when the reader of the output went away.
 */
@Command(
        name = "gyre",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Runs Transformers on the GPU, or whatever device is there, from Java.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:it went well",
            "1:a check failed",
            "2:a mistake in options, input, model or device; one line says which",
            "70:an error of Gyre's own",
            "130:interrupted (143 when terminated)",
            "141:the reader of the output went away"
        },
        footer = "%n\"gyre bench\" measures what devices do; it is a program of its own.",
        subcommands = {
            TranslateCommand.class,
            GenerateCommand.class,
            EmbedCommand.class,
            ClassifyCommand.class,
            SimilarCommand.class,
            ScoreCommand.class,
            AttentionCommand.class,
            CheckCommand.class,
            InspectCommand.class,
            DevicesCommand.class,
            TuneCommand.class
        })
public final class Gyre implements Runnable {

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private CommonOptions common = new CommonOptions();

    @CommandLine.Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private Gyre() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Runs and ends the process. */
    public static void main(String[] arguments) {
        StandardError.takeOver();
        System.exit(run(arguments, Streams.ofProcess()));
    }

    /** Runs within this process; the exit code. */
    static int run(String[] arguments, Streams streams) {
        Logging.setUp(arguments);
        boolean verbose =
                Arrays.stream(arguments).takeWhile(a -> !a.equals("--")).anyMatch("--verbose"::equals);
        PrintWriter help = new PrintWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8), true);
        CommandLine line = new CommandLine(new Gyre(), new CommandFactory(streams))
                .setOut(help)
                .setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> {
                    String command = e.getCommandLine().getCommandSpec().qualifiedName();
                    streams.say(complaint(e) + " (" + command + " --help)");
                    return ExitCode.MISTAKE;
                })
                .setExecutionExceptionHandler(
                        (e, command, _) -> fail(e, Failure.of(e, command.getCommandSpec()), verbose, streams));
        try {
            return line.execute(arguments);
        } catch (VirtualMachineError e) {
            return fail(e, Failure.of(e), verbose, streams);
        }
    }

    /** Picocli calls a command that is not there an argument that does not match. */
    private static String complaint(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched
                && e.getCommandLine().getParent() == null
                && !unmatched.isUnknownOption()) {
            return "there is no command \"" + unmatched.getUnmatched().getFirst() + "\"; there are "
                    + String.join(", ", e.getCommandLine().getSubcommands().keySet());
        }
        return Failure.oneLine(e.getMessage());
    }

    private static int fail(Throwable thrown, Failure failure, boolean verbose, Streams streams) {
        if (!failure.line().isEmpty()) {
            streams.say(failure.line());
        }
        if (verbose) {
            thrown.printStackTrace(streams.err());
        }
        return failure.exitCode();
    }
}
