package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Tunable;
import dev.gyre.backend.TuningOrigin;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TuningFileTest {

    private static final TuningFile.Use USE = new TuningFile.Use(Kind.CPU, ComputeType.BFLOAT16);
    private static final ShapeClass SHAPE = ShapeClass.of(ShapeClass.Rows.FEW, 32000, 512);
    private static final LinearSettings SETTINGS = new LinearSettings(5, 20, 256, 3, 16, 4);
    private static final TunedKernels KERNELS = new TunedKernels(32, 8, Map.of(SHAPE, SETTINGS));

    @TempDir
    Path folder;

    private static ClDevice device() {
        Platforms platforms = Platforms.find();
        assumeTrue(platforms.absence().isEmpty(), platforms::absence);
        return platforms.devices().getFirst();
    }

    private Path valid() throws IOException {
        Path file = TuningFile.place(folder, device());
        new TuningFile(TuningFile.key(device()), "", Map.of(USE, KERNELS)).write(file);
        return file;
    }

    private TuningInUse inUse(Map<String, String> settings) {
        return TuningInUse.find(device(), DeviceOptions.DEFAULTS.withTuning(settings), folder);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        Path file = folder.resolve("sub").resolve("tuning.json");
        TuningFile written = new TuningFile(Map.of("device", "d", "kernels", "k"), "a note", Map.of(USE, KERNELS));
        written.write(file);
        assertEquals(written, TuningFile.read(file));
        try (Stream<Path> left = Files.list(file.getParent())) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void theFileOfTheDeviceIsTaken() throws IOException {
        Path file = valid();
        TuningInUse found = inUse(Map.of());
        assertEquals(Optional.of(KERNELS), found.kernels(Kind.CPU, ComputeType.BFLOAT16));
        assertTrue(found.text().contains(file.toString()), found.text());
        assertEquals(
                new TuningOrigin(TuningOrigin.Kind.FILE, file.toString()),
                found.origin(Kind.CPU, ComputeType.BFLOAT16));
        // The file has nothing for these.
        assertNotEquals(
                TuningOrigin.Kind.FILE,
                found.origin(Kind.CPU, ComputeType.FLOAT32).kind());
        Tuning tuning = Tuning.of(
                device(),
                DeviceOptions.DEFAULTS.withComputeType(ComputeType.BFLOAT16).withKernels(Kind.CPU),
                Optional.of(KERNELS),
                Units.PLAIN);
        assertEquals(32, tuning.panel());
        assertEquals(SETTINGS, tuning.linear(32000, 512, 8).getLast().settings());
        assertEquals(List.of(new Tuning.ByRows(Integer.MAX_VALUE, tuning.base())), tuning.linear(512, 512, 100));
    }

    @Test
    void offLeavesItAlone() throws IOException {
        valid();
        TuningInUse found = inUse(Map.of("opencl.tune", "off"));
        assertFalse(found.file().isPresent());
        assertNotEquals(
                TuningOrigin.Kind.FILE,
                found.origin(Kind.CPU, ComputeType.BFLOAT16).kind());
        assertEquals(
                found.kernels(Kind.CPU, ComputeType.FLOAT32).isPresent()
                        ? TuningOrigin.Kind.SHIPPED
                        : TuningOrigin.Kind.BUILT_IN,
                found.origin(Kind.CPU, ComputeType.FLOAT32).kind());
    }

    @Test
    void aFileThatIsNamedMustBeThere() {
        String missing = folder.resolve("none.json").toString();
        assertThrows(DeviceException.class, () -> inUse(Map.of("opencl.tune", missing)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{\"format\":2}", "{\"format\":1}", "\u0000\u0001", "{\"format\":1,\"found\":[7]}"
            })
    void aDamagedFileIsLeftAlone(String text) throws IOException {
        Files.writeString(valid(), text);
        TuningInUse found = inUse(Map.of());
        assertFalse(found.file().isPresent());
        assertTrue(found.text().contains("cannot be read"), found.text());
        assertTrue(found.text().lines().count() == 1, found.text());
    }

    @ParameterizedTest
    @CsvSource({
        "5,99",
        "\"panel\" : 32,\"panel\" : 33",
        "\"panel\" : 32,\"panel\" : 80",
        "\"few\",\"fewer\"",
        "\"bfloat16\",\"float17\"",
        "\"bfloat16\",\"int8\"",
        "5,\"five\""
    })
    void aNumberOutOfRangeIsDamageToo(String there, String instead) throws IOException {
        Path file = valid();
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("\"tile\" : 5", "\"tile\" : 5 ")
                        .replace(
                                there.equals("5") ? "\"tile\" : 5 " : there,
                                there.equals("5") ? "\"tile\" : " + instead : instead));
        assertFalse(inUse(Map.of()).file().isPresent());
    }

    @Test
    void aMisspeltSettingIsOneLine() {
        device();
        String message = assertThrows(
                        DeviceException.class,
                        () -> Devices.open(folder, DeviceOptions.DEFAULTS.withTuning(Map.of("opencl.flaot16", "fma"))))
                .getMessage();
        assertTrue(message.startsWith("there is no setting opencl.flaot16; there are opencl.ahead, "), message);
        assertTrue(message.contains("opencl.float16, "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"device", "driver", "platform", "kernels"})
    void aFileForSomethingElseIsLeftAlone(String part) throws IOException {
        Path file = valid();
        Map<String, String> key = new java.util.TreeMap<>(TuningFile.key(device()));
        key.put(part, "another");
        new TuningFile(key, "", Map.of(USE, KERNELS)).write(file);
        TuningInUse found = inUse(Map.of());
        assertFalse(found.file().isPresent());
        assertTrue(found.text().contains("was made for another"), found.text());
    }

    @Test
    void whatIsShippedIsWhole() throws IOException {
        for (String name : List.of("pocl-avx2", "pocl-avx512", "nvidia")) {
            try (var in = TuningFile.class.getResourceAsStream("tuning/" + name + ".json")) {
                assertFalse(TuningFile.read(java.util.Objects.requireNonNull(in))
                        .note()
                        .isEmpty());
            }
        }
    }

    /** Little time and small products: what counts is that a file comes out, and that it is taken. */
    @Test
    void aTunerWritesWhatIsTakenAfterwards() {
        OpenClBackend backend = Devices.backend(folder);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        List<String> lines = new ArrayList<>();
        Path file = backend.tune(
                0,
                DeviceOptions.DEFAULTS,
                new Tunable.Order(List.of(new Tunable.Product(40, 24)), 16, Duration.ofNanos(1), null, lines::add));
        assertTrue(Files.exists(file), file.toString());
        assertTrue(lines.getFirst().startsWith("1.00 of the time of the first"), lines.toString());
        assertTrue(inUse(Map.of()).file().isPresent());
        assertEquals(
                inUse(Map.of()).text(), backend.devices().getFirst().probed().get("tuning"));
    }

    private static Tunable.Order briefly(List<String> lines) {
        return new Tunable.Order(List.of(new Tunable.Product(40, 24)), 16, Duration.ofNanos(1), null, lines::add);
    }

    @Test
    void aShortRunLosesNothingThatWasFound() throws IOException {
        OpenClBackend backend = Devices.backend(folder);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        Map<ShapeClass, LinearSettings> linear = Map.of(SHAPE, new LinearSettings(5, 20, 256, 0, 16, 4));
        Path file = TuningFile.place(folder, device());
        TuningFile written = new TuningFile(
                TuningFile.key(device()),
                "",
                Map.of(
                        USE,
                        KERNELS,
                        new TuningFile.Use(Kind.CPU, ComputeType.FLOAT32),
                        new TunedKernels(32, 4, linear)));
        written.write(file);
        List<String> lines = new ArrayList<>();
        backend.tune(0, DeviceOptions.DEFAULTS.withKernels(Kind.CPU), briefly(lines));
        assertEquals(written, TuningFile.read(file));
        assertTrue(lines.getFirst().contains("what was found before"), lines.toString());
        // A type that the file has not leaves the others alone.
        backend.tune(
                0, DeviceOptions.DEFAULTS.withComputeType(ComputeType.FLOAT16).withKernels(Kind.CPU), briefly(lines));
        TuningFile more = TuningFile.read(file);
        assertEquals(3, more.found().size());
        written.found()
                .forEach((use, kernels) -> assertEquals(kernels, more.found().get(use)));
    }

    @Test
    void aDamagedFileIsMadeAnew() throws IOException {
        OpenClBackend backend = Devices.backend(folder);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        DeviceOptions options = DeviceOptions.DEFAULTS
                .withComputeType(ComputeType.INT8)
                .withKernels(Kind.CPU)
                .withTuning(Map.of("opencl.int8", "plain"));
        TuningFile.Use use = new TuningFile.Use(Kind.CPU, ComputeType.INT8);
        LinearSettings odd = new LinearSettings(6, 3, 4096, 0, 64, 8);
        Path file = TuningFile.place(folder, device());
        new TuningFile(TuningFile.key(device()), "", Map.of(use, new TunedKernels(16, 8, Map.of(SHAPE, odd))))
                .write(file);
        List<String> lines = new ArrayList<>();
        backend.tune(0, options, briefly(lines));
        assertTrue(lines.stream().noneMatch(line -> line.contains("found before")), lines.toString());
        assertEquals(
                4,
                TuningFile.read(file).found().get(use).linear().values().stream()
                        .mapToInt(LinearSettings::block)
                        .min()
                        .orElseThrow());
    }

    /** One that is not hashed would leave a file in use that was made for other kernels. */
    @Test
    void theKeyIsOfEveryFileOfTheKernelsThatAreTuned() throws IOException, URISyntaxException {
        OpenClBackend backend = Devices.backend(folder);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        Set<String> texts = new HashSet<>();
        for (Kind kind : Kind.values()) {
            for (String panel : List.of("16", "64")) {
                try (OpenClDevice device = Devices.open(
                        folder, DeviceOptions.DEFAULTS.withKernels(kind).withTuning(Map.of("opencl.panel", panel)))) {
                    Kernels kernels = device.kernels();
                    texts.addAll(texts(kernels.linear(kernels.tuning().base())));
                    texts.addAll(texts(kernels.linearFew(kernels.tuning().base())));
                    texts.addAll(texts(kernels.attention(64)));
                }
            }
        }
        DeviceOptions int8 =
                DeviceOptions.DEFAULTS.withComputeType(ComputeType.INT8).withKernels(Kind.CPU);
        for (Int8Unit unit : Int8Unit.values()) {
            if (unit.has(Kind.CPU) && !unit.tiles() && (unit.emulated() || unit.flags.isEmpty())) {
                try (OpenClDevice device =
                        Devices.open(folder, int8.withTuning(Map.of(Int8Choice.SETTING, unit.toString())))) {
                    texts.addAll(texts(device.kernels().linearInt8()));
                }
            }
        }
        Set<String> files = new TreeSet<>();
        Path resources = Path.of(java.util.Objects.requireNonNull(KernelSource.class.getResource("operands.cl"))
                        .toURI())
                .getParent();
        try (Stream<Path> all = Files.list(resources)) {
            for (Path file : all.filter(f -> f.toString().endsWith(".cl")).toList()) {
                if (texts.contains(Files.readString(file))) {
                    files.add(file.getFileName().toString());
                }
            }
        }
        assertEquals(files, new TreeSet<>(TuningFile.SOURCES));
    }

    private static Set<String> texts(KernelName kernel) {
        Set<String> texts = new HashSet<>();
        for (KernelSource.Part part : kernel.source().parts()) {
            if (part instanceof KernelSource.Text text) {
                texts.add(text.text());
            }
        }
        return texts;
    }

    /** A device whose kernels differ from one class of rows to another: exact products with 1 to 47 rows. */
    @ParameterizedTest
    @CsvSource({"CPU,4,5,6", "GPU,16,32,64"})
    void eachClassOfRowsMayHaveKernelsOfItsOwn(Kind kind, int one, int few, int many) throws IOException {
        OpenClBackend backend = Devices.backend(folder);
        assumeTrue(backend.absence().isEmpty(), backend::absence);
        Map<ShapeClass, LinearSettings> linear = Map.of(
                ShapeClass.of(ShapeClass.Rows.ONE, 83, 37), new LinearSettings(one, one, 4096, 0, 64, 4),
                ShapeClass.of(ShapeClass.Rows.FEW, 83, 37), new LinearSettings(few, 13, 32, 0, 64, 8),
                ShapeClass.of(ShapeClass.Rows.MANY, 83, 37), new LinearSettings(many, many, 4096, 0, 64, 16));
        Path file = TuningFile.place(folder, device());
        TuningFile.Use use = new TuningFile.Use(kind, ComputeType.FLOAT32);
        new TuningFile(TuningFile.key(device()), "", Map.of(use, new TunedKernels(32, 8, linear))).write(file);
        try (DeviceTrial trial =
                new DeviceTrial(backend.open(0, DeviceOptions.DEFAULTS.withKernels(kind)), false, List.of())) {
            assertEquals(Optional.empty(), trial.fault());
        }
    }
}
