package dev.gyre.cli;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.check.Check;
import dev.gyre.check.CheckResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code gyre check}. */
@Command(
        name = "check",
        sortOptions = false,
        description = {
            "Runs models on the tensors of expected.safetensors and with the options of expected.json, and prints for each"
                    + " case the largest relative error of each tensor, how many sequences and scores agree, and PASS or"
                    + " FAIL.",
            "Tensors must be within 1e-4, in float16, bfloat16 and int8 within bounds that suit these, where sequences and"
                    + " scores are told but need not agree.",
            "Exit 1 if any fails, or if a file or an option is not known. A way to find out whether a driver computes"
                    + " right."
        })
final class CheckCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "CASE_DIR", description = "A model's folder with what is expected of it.")
    private List<Path> cases = new ArrayList<>();

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    CheckCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        int failed = 0;
        for (Path folder : cases) {
            CheckResult result = Check.run(folder, device.device(), device.options());
            streams.write(text(result));
            failed += result.passed() ? 0 : 1;
        }
        if (failed > 0) {
            streams.say(failed + " of " + cases.size() + (cases.size() == 1 ? " case fails" : " cases fail"));
        }
        return failed == 0 ? ExitCode.OK : ExitCode.CHECK_FAILED;
    }

    private static String text(CheckResult result) {
        StringBuilder text = new StringBuilder();
        text.append(result.folder());
        result.device()
                .map(DeviceDescription::id)
                .ifPresent(id -> text.append(" on ").append(id));
        text.append('\n');
        for (CheckResult.TensorError tensor : result.tensors()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-28s %.2e of %.0e%s\n",
                    tensor.name(),
                    tensor.relativeError(),
                    result.bound(),
                    tensor.within(result.bound()) ? "" : "  too far off"));
        }
        agreement("sequences", result.sequences(), text);
        agreement("scores", result.scores(), text);
        result.problems().forEach(p -> text.append("  ").append(p).append('\n'));
        return text.append(result.passed() ? "PASS" : "FAIL").append('\n').toString();
    }

    private static void agreement(String what, CheckResult.Agreement agreement, StringBuilder text) {
        text.append(String.format(
                Locale.ROOT,
                "  %-28s %d of %d agree%s\n",
                what,
                agreement.agree(),
                agreement.of(),
                agreement.passed() ? "" : ", not all"));
    }
}
