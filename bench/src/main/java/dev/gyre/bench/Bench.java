package dev.gyre.bench;

import dev.gyre.cli.Failure;
import dev.gyre.cli.Logging;
import dev.gyre.cli.Version;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gyre bench}: what a device does, in figures. */
@Command(
        name = "gyre bench",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Measures what devices do.",
        subcommands = {Model.class, Ops.class, Start.class})
public final class Bench implements Runnable {

    private static final int MISTAKE = 2;
    private static final int FAULT = 70;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private Bench() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: model, ops or start");
    }

    /** Runs and ends the process: 0, 2 for the user's mistake, 70 for an error of Gyre's own. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** Runs within this process; the exit code. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        Logging.setUp(arguments);
        CommandLine line = new CommandLine(new Bench())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> {
                    String command = e.getCommandLine().getCommandSpec().qualifiedName();
                    err.println("gyre: " + Failure.oneLine(e.getMessage()) + " (" + command + " --help)");
                    return MISTAKE;
                })
                .setExecutionExceptionHandler((e, _, _) -> fail(e, err));
        try {
            return line.execute(arguments);
        } catch (VirtualMachineError e) {
            return fail(e, err);
        }
    }

    private static int fail(Throwable thrown, PrintStream err) {
        if (thrown instanceof IllegalArgumentException) {
            err.println("gyre: " + Failure.oneLine(thrown.getMessage()));
            return MISTAKE;
        }
        Failure failure = Failure.of(thrown);
        if (failure.exitCode() == FAULT) {
            err.print("gyre: an error of Gyre's own: ");
            thrown.printStackTrace(err);
        } else {
            err.println("gyre: " + failure.line());
        }
        return failure.exitCode();
    }
}
