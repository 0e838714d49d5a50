package dev.gyre.cli;

import dev.gyre.TextClassifier;
import dev.gyre.TextEncoder;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which encoder-only model, where, and what it does with long texts. */
final class EncoderArguments {

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "DIR",
            description = "A model's folder.")
    private Path folder = Path.of("");

    @Option(
            names = "--overlong",
            paramLabel = "reject|truncate",
            defaultValue = "reject",
            description =
                    "What happens to a text with more tokens than the model takes: an error, or its last tokens are"
                            + " dropped.")
    private OverlongSource overlong = OverlongSource.REJECT;

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens to compute at once; also the most that a text can have. Without: 2048.")
    private int batchTokens;

    Path folder() {
        return folder;
    }

    TextEncoder.Builder configure(TextEncoder.Builder builder) {
        return builder.device(device.device())
                .deviceOptions(device.options())
                .overlong(overlong)
                .batchTokens(tokens());
    }

    TextClassifier.Builder configure(TextClassifier.Builder builder) {
        return builder.device(device.device())
                .deviceOptions(device.options())
                .overlong(overlong)
                .batchTokens(tokens());
    }

    private int tokens() {
        if (batchTokens < 0 || batchTokens > CapacityPlan.MOST_TOKENS) {
            throw new UserException("--batch-tokens must be a whole number from 1 to " + CapacityPlan.MOST_TOKENS
                    + ", not " + batchTokens);
        }
        return batchTokens;
    }
}
