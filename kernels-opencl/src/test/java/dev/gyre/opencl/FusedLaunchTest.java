package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.graph.Columns;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.GraphBuilder;
import dev.gyre.graph.Keys;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Many launches as one give what each of them gives by itself, to the bit. */
class FusedLaunchTest {

    @TempDir
    static Path cache;

    private static OpenClDevice open(ComputeType type, String... tuning) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < tuning.length; i += 2) {
            settings.put(tuning[i], tuning[i + 1]);
        }
        return Devices.open(
                cache,
                DeviceOptions.DEFAULTS
                        .withKernels(Kind.CPU)
                        .withComputeType(type)
                        .withTuning(settings));
    }

    private static float[] logits(Executable executable, SmallDecoder model, int rows) {
        executable.run(model.step(rows));
        float[] logits = new float[rows * model.vocabulary];
        executable.read(model.select.logits(), logits, logits.length);
        return logits;
    }

    /** Counters are clear again after every run, also after one without rows and one with other rows. */
    @ParameterizedTest
    @EnumSource(
            value = ComputeType.class,
            names = {"FLOAT32", "FLOAT16", "BFLOAT16", "INT8"})
    void aStepIsTheSame(ComputeType type) {
        SmallDecoder model = new SmallDecoder(3, 20, 131);
        try (OpenClDevice fused = open(type, "opencl.fused", "on");
                OpenClDevice single = open(type, "opencl.fused", "off");
                Executable one = fused.compile(model.program(), SmallDecoder.WEIGHTS);
                Executable many = single.compile(model.program(), SmallDecoder.WEIGHTS)) {
            for (int rows : new int[] {1, 24, 0, 7, 2, 1, 5}) {
                assertArrayEquals(logits(many, model, rows), logits(one, model, rows), rows + " rows");
            }
        }
    }

    private static final Size.Symbol ROWS = new Size.Symbol("ROWS", 40);
    private static final Input X = new Input("x", ElementType.FLOAT32, Shape.of(ROWS, 48));
    private static final Input OFFSETS = new Input("offsets", ElementType.INT32, Shape.vector(4));

    private static float[] run(Executable executable, Graph graph, int rows) {
        float[] x = new float[rows * 48];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 37 % 101 - 50) / 50f;
        }
        Bindings bindings = new Bindings(graph).size(ROWS, rows).input(X, x);
        if (graph.inputs().contains(OFFSETS)) {
            bindings.input(OFFSETS, new int[] {0, rows / 3, rows / 2, rows});
        }
        executable.run(bindings);
        float[] out = new float[rows * 48];
        executable.read(graph.outputs().getFirst(), out, out.length);
        return out;
    }

    private static Value layer(GraphBuilder g, Value x, int number, int inner) {
        Value wide = g.linear(x, Weight.matrix("up" + number, inner, 48), Weight.vector("b" + number, inner));
        return g.linear(wide, Weight.matrix("down" + number, 48, inner), null);
    }

    private static void requireSame(Graph graph, OpenClDevice fused, OpenClDevice single) {
        Program program = new Program("layers", List.of(graph));
        try (Executable one = fused.compile(program, SmallDecoder.WEIGHTS);
                Executable many = single.compile(program, SmallDecoder.WEIGHTS)) {
            for (int rows : new int[] {1, 40, 3}) {
                assertArrayEquals(run(many, graph, rows), run(one, graph, rows), rows + " rows");
            }
        }
    }

    private static Graph layers(int count) {
        GraphBuilder g = new GraphBuilder("layers");
        Value x = g.linear(X, Weight.matrix("first", 48, 48), null);
        for (int i = 0; i < count; i++) {
            x = layer(g, x, i, 20);
        }
        g.output(x);
        return g.build();
    }

    /** A kernel has a limited number of arguments. */
    @Test
    void moreBuffersThanALaunchTakesAreMoreLaunches() {
        Graph graph = layers(45);
        try (OpenClDevice fused = open(ComputeType.FLOAT32, "opencl.fused", "on");
                OpenClDevice single = open(ComputeType.FLOAT32, "opencl.fused", "off")) {
            requireSame(graph, fused, single);
        }
        Program program = new Program("layers", List.of(graph));
        try (OpenClDevice second = open(ComputeType.FLOAT32, "opencl.fused", "on", "opencl.fail-at", "2");
                Executable executable = second.compile(program, SmallDecoder.WEIGHTS)) {
            assertThrows(DeviceException.class, () -> run(executable, graph, 1));
        }
        try (OpenClDevice third = open(ComputeType.FLOAT32, "opencl.fused", "on", "opencl.fail-at", "3");
                Executable executable = third.compile(program, SmallDecoder.WEIGHTS)) {
            assertDoesNotThrow(() -> run(executable, graph, 1));
        }
    }

    /** One program has one attention; what does not fit is launched between what does. */
    @Test
    void anotherHeadSizeIsLaunchedByItself() {
        GraphBuilder g = new GraphBuilder("heads");
        Value x = g.linear(X, Weight.matrix("first", 48, 48), null);
        int number = 0;
        for (int heads : new int[] {3, 2, 3, 2}) {
            x = layer(g, x, number++, 33);
            x = g.attention(
                    x,
                    Columns.all(x),
                    Columns.all(x),
                    heads,
                    heads,
                    48 / heads,
                    0.2f,
                    new Keys.Packed(OFFSETS, false),
                    null);
        }
        g.output(x);
        try (OpenClDevice fused = open(ComputeType.FLOAT32, "opencl.fused", "on");
                OpenClDevice single = open(ComputeType.FLOAT32, "opencl.fused", "off")) {
            requireSame(g.build(), fused, single);
        }
    }

    /**
     * A tuner may choose other settings for every class of shapes. They stand in one program, also with attention and a rough
     * selection, which ask for memory in their own ways.
     */
    @ParameterizedTest
    @CsvSource({"1, 1", "1, 0", "0, 0", "3, 0"})
    void settingsByShape(int prefetch, int otherPrefetch) throws IOException {
        LinearSettings few = new LinearSettings(4, 8, 256, prefetch, 16, 8);
        LinearSettings many = new LinearSettings(6, 24, 64, otherPrefetch, 128, 8);
        Map<ShapeClass, LinearSettings> settings = Map.of(
                ShapeClass.of(ShapeClass.Rows.FEW, 48, 20), few,
                ShapeClass.of(ShapeClass.Rows.MANY, 48, 20), many);
        Path file = cache.resolve("tuned" + prefetch + otherPrefetch + ".json");
        try (OpenClDevice any = open(ComputeType.FLOAT32)) {
            new TuningFile(
                            TuningFile.key(Platforms.find().devices().getFirst()),
                            "",
                            Map.of(
                                    new TuningFile.Use(Kind.CPU, ComputeType.FLOAT32),
                                    new TunedKernels(16, 16, settings)))
                    .write(file);
        }
        String tune = file.toString();
        try (OpenClDevice fused = open(ComputeType.FLOAT32, "opencl.tune", tune, "opencl.fused", "on");
                OpenClDevice single = open(ComputeType.FLOAT32, "opencl.tune", tune, "opencl.fused", "off")) {
            assertEquals(2, fused.kernels().tuning().linear().size());
            requireSame(layers(8), fused, single);
        }
        SmallDecoder model = new SmallDecoder(3, 20, 131);
        try (OpenClDevice fused =
                        open(ComputeType.FLOAT32, "opencl.tune", tune, "opencl.fused", "on", "opencl.rough", "on");
                OpenClDevice single = open(ComputeType.FLOAT32, "opencl.tune", tune, "opencl.fused", "off");
                Executable one = fused.compile(model.program(), SmallDecoder.WEIGHTS);
                Executable each = single.compile(model.program(), SmallDecoder.WEIGHTS)) {
            for (int rows : new int[] {1, 24, 3}) {
                assertArrayEquals(logits(each, model, rows), logits(one, model, rows), rows + " rows");
            }
        }
    }

    /** Their groups take turns on the same threads of the driver. */
    @Test
    void programsThatRunAtTheSameTimeDoNotWaitForEachOther() throws Exception {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Callable<float[]>> runs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                runs.add(() -> {
                    try (OpenClDevice device = open(ComputeType.FLOAT32, "opencl.fused", "on");
                            Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
                        float[] last = new float[0];
                        for (int step = 0; step < 200; step++) {
                            last = logits(executable, model, 1 + step % 24);
                        }
                        return last;
                    }
                });
            }
            List<Future<float[]>> all = threads.invokeAll(runs, 3, TimeUnit.MINUTES);
            for (Future<float[]> one : all) {
                assertArrayEquals(all.getFirst().get(), one.get());
            }
        }
    }

    @Test
    void onlyKernelsForCpusAreFused() {
        DeviceException e = assertThrows(
                DeviceException.class,
                () -> Devices.open(
                                cache,
                                DeviceOptions.DEFAULTS.withKernels(Kind.GPU).withTuning(Map.of("opencl.fused", "on")))
                        .close());
        assertTrue(String.valueOf(e.getMessage()).contains("only kernels for CPUs"), e::toString);
    }

    @Test
    void theSettingIsAutoOnOrOff() {
        DeviceException e = assertThrows(
                DeviceException.class,
                () -> open(ComputeType.FLOAT32, "opencl.fused", "perhaps").close());
        assertEquals("setting opencl.fused is \"perhaps\"; it must be auto, on or off", e.getMessage());
    }

    @Test
    void aFileIsTakenInAgainWhereItsDefinesAreOthers() {
        KernelSource tile =
                KernelSource.empty().define("R", 1).text("f(R) // G\n").text("g\n");
        KernelSource other = KernelSource.empty()
                .define("G", 3)
                .define("R", 1)
                .text("f(R) // G\n")
                .define("R", 2)
                .text("f(R) // G\n")
                .text("g\n");
        assertEquals(
                tile.text() + "\n#undef G\n#define G 3\n\n#undef R\n#define R 2\n\nf(R) // G\n",
                tile.include(other).text());
    }
}
