package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Bindings;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Executable;
import dev.gyre.backend.Tunable;
import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Activation;
import dev.gyre.graph.ElementType;
import dev.gyre.graph.Graph;
import dev.gyre.graph.Operation;
import dev.gyre.graph.Program;
import dev.gyre.graph.Shape;
import dev.gyre.graph.Size;
import dev.gyre.graph.Tensor.Input;
import dev.gyre.graph.Tensor.Value;
import dev.gyre.graph.Tensor.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jocl.CL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products by tiles of two bytes: emulated, and by AMX and tensor cores where they are. */
class FloatUnitTest {

    private static final int[] ROWS = {1, 3, 16, 17, 32, 33, 61};
    private static final int MOST_ROWS = 61;

    @TempDir
    private Path cache;

    private DeviceOptions options(ComputeType type, FloatUnit unit) {
        return DeviceOptions.DEFAULTS
                .withComputeType(type)
                .withKernels(Objects.requireNonNullElse(unit.kernels, Kind.CPU))
                .withTuning(Map.of("opencl." + type.text(), unit.toString()));
    }

    private OpenClDevice open(ComputeType type, FloatUnit unit) {
        return Devices.open(cache, options(type, unit));
    }

    /** What this machine can take of those that multiply by tiles. */
    private List<FloatUnit> tiles(ComputeType type) {
        return Arrays.stream(FloatUnit.values())
                .filter(unit -> unit.tiles() && unit.types.contains(type))
                .filter(unit -> {
                    try (OpenClDevice _ = open(type, unit)) {
                        return true;
                    } catch (DeviceException e) {
                        assertTrue(e.getMessage().contains("which this device cannot take"), e.getMessage());
                        return false;
                    }
                })
                .toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT16", "BFLOAT16"})
    void theTrialPassesWhereResultsAreRightAndFailsElsewhere(ComputeType type) {
        List<FloatUnit> units = tiles(type);
        assertEquals(type != ComputeType.FLOAT16, units.contains(FloatUnit.EMULATED_AMX));
        assertEquals(type != ComputeType.FLOAT32, units.contains(FloatUnit.EMULATED_MMA));
        for (FloatUnit unit : units) {
            try (OpenClDevice device = open(type, unit)) {
                assertEquals(Optional.empty(), FloatTrial.fault(device, unit, type), unit.toString());
            }
        }
        // Rows are rounded or not, and that is more than the bounds allow.
        try (OpenClDevice device = open(type, type == ComputeType.FLOAT32 ? FloatUnit.EMULATED_AMX : FloatUnit.FMA)) {
            for (FloatUnit unit : new FloatUnit[] {FloatUnit.AMX, FloatUnit.MMA}) {
                ComputeType rounded = unit.types.contains(type) && type == ComputeType.FLOAT16
                        ? ComputeType.FLOAT16
                        : ComputeType.BFLOAT16;
                Optional<String> fault = FloatTrial.fault(device, unit, rounded);
                assertTrue(fault.orElse("").startsWith("a product of 1x"), fault::toString);
            }
        }
        try (OpenClDevice device = open(ComputeType.BFLOAT16, FloatUnit.EMULATED_AMX)) {
            assertTrue(
                    FloatTrial.fault(device, FloatUnit.AMX, ComputeType.FLOAT32).isPresent());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT16", "BFLOAT16"})
    void aRowIsTheSameInEveryBatch(ComputeType type) {
        for (FloatUnit unit : tiles(type)) {
            try (OpenClDevice device = open(type, unit)) {
                float[] xs = noise(MOST_ROWS * 67);
                List<float[]> all = new ArrayList<>();
                for (int rows : ROWS) {
                    all.add(products(device, 49, 67, xs, rows));
                }
                for (float[] some : all) {
                    assertArrayEquals(
                            Arrays.copyOf(all.getLast(), some.length), some, unit + ", " + some.length / 49 + " rows");
                }
            }
        }
    }

    /** As AMX does it: denormals are zero, on their way in and on their way out. */
    @Test
    void whatIsBelowTheSmallestNormalNumberIsZero() {
        for (FloatUnit unit : tiles(ComputeType.BFLOAT16)) {
            if (unit.tensorCores()) {
                continue;
            }
            try (OpenClDevice device = open(ComputeType.BFLOAT16, unit)) {
                float[] got = products(device, 1, 1, new float[] {1e-39f, 0x1p-126f, 0x1p-125f, 1, -0f}, 5);
                float w = weight(0, 0);
                assertTrue(Math.abs(w) < 1 && Math.abs(w) > 0.5f, "w is " + w);
                float rounded = Float.intBitsToFloat(Packing.bfloat16(w) << 16);
                assertArrayEquals(new float[] {0, 0, 0x1p-125f * rounded, rounded, 0}, got, unit.toString());
            }
        }
    }

    @Test
    void whatHalfCannotHoldIsItsLargestNumber() {
        for (FloatUnit unit : tiles(ComputeType.FLOAT16)) {
            try (OpenClDevice device = open(ComputeType.FLOAT16, unit)) {
                float[] xs = {1e6f, Float.NEGATIVE_INFINITY, 65504, 65519, Float.NaN, 0x1p-24f};
                float w = Float.float16ToFloat(Float.floatToFloat16(weight(0, 0)));
                float most = 65504 * w;
                assertArrayEquals(
                        new float[] {most, -most, most, most, Float.NaN, 0x1p-24f * w},
                        products(device, 1, 1, xs, 6),
                        unit.toString());
            }
        }
    }

    @Test
    void aWeightThatHalfCannotHoldIsRefused() {
        Packing packing = new Packing(16, ComputeType.FLOAT16, 2, false, true);
        ByteBuffer to = ByteBuffer.allocate((int) packing.panelBytes(1, 1)).order(ByteOrder.nativeOrder());
        packing.putTiles(new float[] {1.5f}, 0, 1, 1, to, 0, "w");
        assertEquals((short) 0x3e00, to.getShort(0));
        DeviceException e =
                assertThrows(DeviceException.class, () -> packing.putTiles(new float[] {70000}, 0, 1, 1, to, 0, "w"));
        assertTrue(e.getMessage().startsWith("weight w has the number 70000.0"), e.getMessage());
    }

    @Test
    void numbersInAPanelAreWhereATileTakesThem() {
        Packing one = new Packing(16, ComputeType.BFLOAT16, 2, false, true);
        Packing two = new Packing(16, ComputeType.FLOAT32, 2, false, true);
        assertEquals(16 * 64 * 2, one.panelBytes(1, 33));
        assertEquals(2 * 16 * 64 * 4, two.panelBytes(2, 33));
        float[] row = new float[33];
        row[3] = 1.00390625f + 0x1p-12f;
        row[32] = 3;
        ByteBuffer to = ByteBuffer.allocate((int) two.panelBytes(1, 33)).order(ByteOrder.nativeOrder());
        two.putTiles(row, 0, 1, 33, to, 0, "w");
        assertEquals((short) 0x3f81, to.getShort((16 + 0) * 4 + 2));
        assertEquals(row[3] - 1.0078125f, Float.intBitsToFloat(to.getShort(1024 + (16 + 0) * 4 + 2) << 16));
        assertEquals((short) 0x4040, to.getShort(2048));
        assertEquals(0, to.getShort(2048 + 1024));
    }

    /** The driver makes of the assembly what is meant, also where nothing can run it. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void theInstructionsCompile(ComputeType type) throws IOException {
        DeviceDescription description;
        ClDevice found;
        try (OpenClDevice device = open(type, FloatUnit.FMA)) {
            description = device.description();
            found = Platforms.find().devices().get(description.index());
        }
        assumeTrue(
                found.platformName().contains("Portable Computing Language")
                        && found.kind() == Kind.CPU
                        && System.getProperty("os.arch").equals("amd64"),
                "no PoCL on x86-64");
        DeviceOptions options =
                DeviceOptions.DEFAULTS.withComputeType(type).withTuning(Map.of("opencl.binaries", "on"));
        Units units = new Units(Int8Unit.PLAIN, FloatUnit.AMX);
        ProgramCache programs = new ProgramCache(Files.createDirectory(cache.resolve("programs")));
        try (OpenClDevice device = new OpenClDevice(found, description, options, units, programs)) {
            KernelName product = device.kernels().linearTiles();
            CL.clReleaseKernel(device.programs().kernel(product.source(), product.name()));
        }
        StringBuilder code = new StringBuilder();
        try (Stream<Path> files = Files.list(programs.folder())) {
            for (Path file : files.toList()) {
                code.append(HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        // tdpbf16ps tmm0, tmm4, tmm6: VEX.128.F3.0F38.W0 5C /r
        assertTrue(code.indexOf("c4e24a5cc4") > 0, "no such instruction in " + code.length() / 2 + " bytes");
    }

    @Test
    void tilesHaveNothingToTune() {
        Backend backend = Devices.backend(cache);
        try (OpenClDevice _ = open(ComputeType.BFLOAT16, FloatUnit.EMULATED_AMX)) {
            Tunable.Order order = new Tunable.Order(List.of(), 64, Duration.ofSeconds(1), null, _ -> {});
            DeviceException e = assertThrows(
                    DeviceException.class,
                    () -> ((Tunable) backend).tune(0, options(ComputeType.BFLOAT16, FloatUnit.EMULATED_AMX), order));
            assertEquals("bfloat16 by emulated-amx has nothing to tune; choose another compute type", e.getMessage());
        }
    }

    private static float weight(int row, int column) {
        return (row * 3701 + column * 10103 + 21000) % 25013 / 12507f - 1;
    }

    private static float[] noise(int count) {
        Random random = new Random(7);
        float[] all = new float[count];
        for (int i = 0; i < count; i++) {
            all[i] = random.nextFloat() - 0.4f;
        }
        return all;
    }

    private static float[] products(OpenClDevice device, int n, int k, float[] xs, int rows) {
        Size.Symbol size = new Size.Symbol("ROWS", MOST_ROWS);
        Input x = new Input("x", ElementType.FLOAT32, Shape.of(size, k));
        Value out = new Value("out", ElementType.FLOAT32, Shape.of(size, n));
        Graph graph = new Graph(
                "products",
                List.of(new Operation.Linear(out, x, Weight.matrix("w", n, k), null, Activation.NONE, null)),
                List.of(out));
        WeightSource weights = (weight, first, count, to, offset) -> {
            for (int i = 0; i < count * k; i++) {
                to[offset + i] = weight(first + i / k, i % k);
            }
        };
        try (Executable executable = device.compile(new Program("products", List.of(graph)), weights)) {
            executable.run(new Bindings(graph).size(size, rows).input(x, xs));
            float[] got = new float[rows * n];
            executable.read(out, got, got.length);
            return got;
        }
    }
}
