package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.backend.Traffic;
import dev.gyre.backend.WeightSource;
import dev.gyre.cpu.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole step on both kinds of kernels. */
class SmallDecoderTest {

    @TempDir
    static Path cache;

    private record Step(int[] ids, float[] values, float[] logits) {}

    private static Step run(Device device, SmallDecoder model, int rows) {
        try (Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
            executable.run(model.step(rows));
            int[] ids = new int[rows * SmallDecoder.TOP];
            float[] values = new float[ids.length];
            float[] logits = new float[rows * model.vocabulary];
            executable.read(model.select.ids(), ids, ids.length);
            executable.read(model.select.values(), values, values.length);
            executable.read(model.select.logits(), logits, logits.length);
            return new Step(ids, values, logits);
        }
    }

    @ParameterizedTest
    @CsvSource({"CPU,2,16,97,1", "CPU,3,5,130,7", "CPU,1,64,64,24", "GPU,2,16,97,1", "GPU,3,5,130,7", "GPU,1,64,64,24"})
    void agreesWithTheReference(Kind kind, int heads, int headSize, int vocabulary, int rows) {
        SmallDecoder model = new SmallDecoder(heads, headSize, vocabulary);
        Step expected = run(new ReferenceBackend().open(0, DeviceOptions.DEFAULTS), model, rows);
        try (OpenClDevice device = Devices.open(cache, kind)) {
            Step seen = run(device, model, rows);
            assertArrayEquals(expected.ids, seen.ids);
            assertArrayEquals(expected.values, seen.values, 1e-3f);
            assertArrayEquals(expected.logits, seen.logits, 1e-3f);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRowIsTheSameToTheBitHoweverManyThereAre(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 32, 201);
        try (OpenClDevice device = Devices.open(cache, kind)) {
            float[] all = run(device, model, SmallDecoder.ROWS).logits;
            for (int rows : new int[] {1, 2, 3, 5, 6, 8, 11}) {
                float[] some = run(device, model, rows).logits;
                assertEquals(
                        SmallDecoder.floats(Arrays.copyOf(all, some.length)),
                        SmallDecoder.floats(some),
                        rows + " rows");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void kBlockingChangesNoBit(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 32, 201);
        float[] whole;
        try (OpenClDevice device = Devices.open(cache, kind)) {
            whole = run(device, model, SmallDecoder.ROWS).logits;
        }
        Map<String, String> blocked = Map.of("opencl.depth", "32", "opencl.block", "13");
        DeviceOptions options = DeviceOptions.DEFAULTS.withKernels(kind).withTuning(blocked);
        try (OpenClDevice device = Devices.open(cache, options)) {
            assertEquals(SmallDecoder.floats(whole), SmallDecoder.floats(run(device, model, SmallDecoder.ROWS).logits));
        }
    }

    /** Counters and entries of launches that are one are 33 KiB and more. */
    @Test
    void countersAreNotPlannedForAModelWhoseLaunchesStayApart() {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        assertTrue(inputBytes(model, "auto") < 10_000);
        assertTrue(inputBytes(model, "on") > 33_000);
    }

    private static long inputBytes(SmallDecoder model, String fused) {
        DeviceOptions options = DeviceOptions.DEFAULTS.withKernels(Kind.CPU).withTuning(Map.of("opencl.fused", fused));
        try (OpenClDevice device = Devices.open(cache, options);
                Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
            return executable.memory().inputs();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aPoisonedCacheShowsWhereItIsReadUnwritten(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        DeviceOptions options = DeviceOptions.DEFAULTS.withKernels(kind).withTuning(Map.of("opencl.poisoned", "on"));
        try (OpenClDevice device = Devices.open(cache, options);
                Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
            float[] logits = new float[2 * model.vocabulary];
            Bindings longer = model.step(2);
            model.graph.inputs().stream()
                    .filter(input -> input.name().equals("length"))
                    .forEach(length -> longer.input(length, new int[] {1, 2}));
            executable.run(longer);
            executable.read(model.select.logits(), logits, logits.length);
            assertTrue(Float.isFinite(logits[0]));
            assertTrue(Float.isNaN(logits[model.vocabulary]));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aRunIsOneUpload(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        try (OpenClDevice device = Devices.open(cache, kind);
                Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
            executable.run(model.step(4));
            Traffic before = device.traffic();
            executable.run(model.step(4));
            executable.run(model.step(0));
            Traffic traffic = device.traffic().since(before);
            assertEquals(2, traffic.uploads());
            assertTrue(traffic.bytesUp() < 1000, traffic.toString());
            assertEquals(0, traffic.bytesDown());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatDoesNotFitIsRefusedBeforeAnythingGoesUp(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        try (OpenClDevice device =
                Devices.open(cache, DeviceOptions.DEFAULTS.withKernels(kind).withMemoryLimit(1000))) {
            OutOfMemoryException e = assertThrows(
                    OutOfMemoryException.class, () -> device.compile(model.program(), SmallDecoder.WEIGHTS));
            assertTrue(e.getMessage().contains("bytes are missing"), e.getMessage());
            assertEquals(Traffic.NONE, device.traffic());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void useAfterCloseIsRefused(Kind kind) {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        OpenClDevice device = Devices.open(cache, kind);
        Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS);
        device.close();
        device.close();
        executable.close();
        assertThrows(DeviceException.class, () -> executable.run(model.step(1)));
        assertThrows(DeviceException.class, () -> device.compile(model.program(), SmallDecoder.WEIGHTS));
    }

    /** Half a run must not look like a whole one: not in the run itself, and not in whatever comes behind it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 20})
    void aLaunchThatFailsIsSeenThenAndAfterwards(int failAt) {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        DeviceOptions options = DeviceOptions.DEFAULTS.withTuning(
                Map.of("opencl.fail-at", String.valueOf(failAt), "opencl.fused", "off"));
        try (OpenClDevice device = Devices.open(cache, options);
                Executable executable = device.compile(model.program(), SmallDecoder.WEIGHTS)) {
            DeviceException e = assertThrows(DeviceException.class, () -> {
                executable.run(model.step(2));
                executable.run(model.step(2));
            });
            assertTrue(e.getMessage().contains("CL_OUT_OF_RESOURCES"), e.getMessage());
            assertThrows(DeviceException.class, () -> executable.run(model.step(2)));
            assertThrows(DeviceException.class, () -> executable.read(model.select.ids(), new int[1], 1));
        }
    }

    @Test
    void aPartOfTheCoresGivesTheSameResult() {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        try (OpenClDevice all = Devices.open(cache, DeviceOptions.DEFAULTS)) {
            assumeTrue(all.description().kind() == Kind.CPU, "the first OpenCL device is no CPU");
            assumeTrue(all.description().units() > 1, "the CPU has one core");
            float[] expected = run(all, model, 5).logits;
            try (OpenClDevice one = Devices.open(cache, DeviceOptions.DEFAULTS.withThreads(1))) {
                assertEquals(SmallDecoder.floats(expected), SmallDecoder.floats(run(one, model, 5).logits));
            }
        }
    }

    /** Sums stay in float32: with weights that were rounded before, float32 gives the same bits. */
    @ParameterizedTest
    @CsvSource({"CPU,FLOAT16,1", "CPU,BFLOAT16,7", "GPU,FLOAT16,9", "GPU,BFLOAT16,3"})
    void smallerTypesAreRoundedWeights(Kind kind, ComputeType type, int rows) {
        SmallDecoder model = new SmallDecoder(2, 16, 131);
        WeightSource rounded = (weight, first, count, destination, offset) -> {
            SmallDecoder.WEIGHTS.read(weight, first, count, destination, offset);
            boolean product = weight.shape().axes().size() > 1 && !weight.name().equals("positions");
            for (int i = offset; product && i < offset + count * weight.shape().columns(); i++) {
                destination[i] = type == ComputeType.FLOAT16
                        ? Float.float16ToFloat(Float.floatToFloat16(destination[i]))
                        : Float.intBitsToFloat(Packing.bfloat16(destination[i]) << 16);
            }
        };
        DeviceOptions options = DeviceOptions.DEFAULTS.withKernels(kind).withTuning(Map.of("opencl.bfloat16", "fma"));
        try (OpenClDevice device = Devices.open(cache, options);
                OpenClDevice smaller = Devices.open(cache, options.withComputeType(type));
                Executable expected = device.compile(model.program(), rounded);
                Executable seen = smaller.compile(model.program(), SmallDecoder.WEIGHTS)) {
            assertTrue(seen.memory().weights() < expected.memory().weights() * 0.6);
            float[] logits = new float[rows * model.vocabulary];
            float[] others = new float[logits.length];
            expected.run(model.step(rows));
            expected.read(model.select.logits(), logits, logits.length);
            seen.run(model.step(rows));
            seen.read(model.select.logits(), others, others.length);
            assertEquals(SmallDecoder.floats(logits), SmallDecoder.floats(others));
        }
    }

    @Test
    void aNumberThatHalfCannotHoldIsRefused() {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        WeightSource large = (weight, first, count, destination, offset) -> java.util.Arrays.fill(
                destination, offset, offset + count * weight.shape().columns(), 1e6f);
        try (OpenClDevice device = Devices.open(cache, DeviceOptions.DEFAULTS.withComputeType(ComputeType.FLOAT16))) {
            DeviceException e = assertThrows(DeviceException.class, () -> device.compile(model.program(), large));
            assertTrue(e.getMessage().contains("1000000"), e.getMessage());
        }
    }

    @Test
    void programsFromTheCacheComputeTheSame() throws IOException {
        SmallDecoder model = new SmallDecoder(2, 16, 97);
        Path folder = Files.createDirectory(cache.resolve("binaries"));
        DeviceOptions options = DeviceOptions.DEFAULTS.withTuning(Map.of("opencl.binaries", "on"));
        float[] built;
        try (OpenClDevice device = Devices.open(folder, options)) {
            built = run(device, model, 5).logits;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            assumeTrue(entries.findAny().isPresent(), "this driver gives no binaries of programs");
        }
        try (OpenClDevice device = Devices.open(folder, options)) {
            assertEquals(SmallDecoder.floats(built), SmallDecoder.floats(run(device, model, 5).logits));
        }
    }

    @Test
    void bfloat16IsRoundedToNearestEven() {
        float[] values = {0, -0f, 1, 1.00390625f, 1.01171875f, 3.4e38f, Float.NEGATIVE_INFINITY, 1e-40f};
        int[] expected = {0, 0x8000, 0x3f80, 0x3f80, 0x3f82, 0x7f80, 0xff80, 0x0001};
        for (int i = 0; i < values.length; i++) {
            assertEquals(expected[i], Packing.bfloat16(values[i]) & 0xffff, values[i] + "");
        }
        assertTrue(Float.isNaN(Float.intBitsToFloat(Packing.bfloat16(Float.NaN) << 16)));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (Map<String, String> tuning : List.of(Map.of("opencl.tile", "99"), Map.of("opencl.block", "many"))) {
            assertThrows(
                    DeviceException.class,
                    () -> Devices.open(cache, DeviceOptions.DEFAULTS.withTuning(tuning))
                            .close());
        }
    }
}
