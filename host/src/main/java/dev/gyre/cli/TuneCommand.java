package dev.gyre.cli;

import dev.gyre.DevicePicker;
import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Tunable;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.inspect.Inspection;
import dev.gyre.models.ModelDirectory;
import dev.gyre.transformer.ModelShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gyre tune}. */
@Command(
        name = "tune",
        sortOptions = false,
        description = {
            "Tries settings of a device's kernels and writes the best to a file, which every command takes from then on"
                    + " (--tune off leaves it alone). Each is checked before its time is looked at; Ctrl-C keeps what was"
                    + " found. What the file has from earlier is kept where nothing is clearly faster.",
            "The file is good for this device, this driver and these kernels. Run it on a machine that does nothing else."
        })
final class TuneCommand implements Callable<Integer> {

    private static final int LEAST_SECONDS = 1;
    private static final int MOST_SECONDS = 24 * 3600;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Take the products of this model. Without: those of --shape.")
    private @Nullable Path model;

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            defaultValue = "base",
            description =
                    "base, big, or L,d,h,f,V: layers, width, heads, feed-forward, vocabulary of a Transformer (default:"
                            + " base).")
    private String shape = "base";

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description =
                    "Try and time nothing further after so many seconds (default: 60). The first candidate is always"
                            + " tried, and building and checking one are finished: that takes some seconds more.")
    private int seconds = 60;

    @Option(names = "--output", paramLabel = "FILE", description = "Write here instead, for --tune FILE.")
    private @Nullable Path output;

    @Mixin
    private DeviceArguments device = new DeviceArguments();

    @Mixin
    private CommonOptions common = new CommonOptions();

    private final Streams streams;

    TuneCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
            throw new UserException(
                    "--seconds is " + seconds + "; it must be from " + LEAST_SECONDS + " to " + MOST_SECONDS);
        }
        Wanted wanted = model == null ? ofShape(shape) : ofModel(model);
        Taken taken = DevicePicker.open(device.device(), device.options(), opened -> {
            try (opened) {
                return new Taken(opened.description(), opened.options());
            }
        });
        DeviceDescription description = taken.description();
        if (!(Backends.named(description.backend()) instanceof Tunable tunable)) {
            throw new UserException(description.id() + " has nothing to tune; name another with --device");
        }
        print("tuning " + description.id() + " (" + description.name() + ") for at most " + seconds + " s");
        Path written = tunable.tune(
                description.index(),
                taken.options(),
                new Tunable.Order(
                        wanted.products(), wanted.headSize(), Duration.ofSeconds(seconds), output, this::print));
        print("the best so far is in " + written);
        return ExitCode.OK;
    }

    private void print(String line) {
        try {
            streams.out().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            streams.out().flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private record Taken(DeviceDescription description, DeviceOptions options) {}

    private record Wanted(List<Tunable.Product> products, int headSize) {}

    private static Wanted ofShape(String text) {
        ModelShape shape;
        try {
            shape = ModelShape.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UserException("--shape: " + e.getMessage());
        }
        return new Wanted(
                List.of(
                        new Tunable.Product(shape.width(), shape.width()),
                        new Tunable.Product(shape.inner(), shape.width()),
                        new Tunable.Product(shape.width(), shape.inner()),
                        new Tunable.Product(shape.vocabulary(), shape.width())),
                shape.width() / shape.heads());
    }

    private static Wanted ofModel(Path folder) throws IOException {
        try (ModelDirectory opened = ModelDirectory.open(folder)) {
            Program program = Inspection.of(opened).program();
            List<Tunable.Product> products = new ArrayList<>();
            int headSize = 64;
            for (Graph graph : program.graphs()) {
                for (Operation operation : graph.operations()) {
                    switch (operation) {
                        case Operation.Linear l ->
                            products.add(new Tunable.Product(
                                    l.weight().shape().rows().limit(),
                                    l.weight().shape().columns()));
                        case Operation.Attention a -> headSize = a.headSize();
                        default -> {}
                    }
                }
            }
            return new Wanted(products.stream().distinct().toList(), headSize);
        }
    }
}
