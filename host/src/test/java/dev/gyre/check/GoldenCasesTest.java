package dev.gyre.check;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case with the outputs of Hugging Face and PyTorch, on every device. */
class GoldenCasesTest {

    @TestFactory
    Stream<DynamicTest> agrees() throws IOException {
        List<Path> cases = cases();
        List<DynamicTest> tests = new ArrayList<>();
        for (Backend backend : Backends.all()) {
            List<DeviceDescription> devices = backend.devices();
            if (devices.isEmpty()) {
                tests.add(DynamicTest.dynamicTest(backend.name(), () -> assumeTrue(false, backend.absence())));
            }
            for (DeviceDescription device : devices) {
                for (DeviceOptions options : options(device)) {
                    for (Path folder : cases) {
                        tests.add(agrees(device, options, folder));
                    }
                }
                for (DeviceOptions options : furtherOptions(device)) {
                    cases.stream()
                            .filter(folder ->
                                    FURTHER.contains(folder.getFileName().toString()))
                            .forEach(folder -> tests.add(agrees(device, options, folder)));
                }
            }
        }
        return tests.stream();
    }

    private static DynamicTest agrees(DeviceDescription device, DeviceOptions options, Path folder) {
        String name =
                folder.getFileName() + " on " + device.id() + " in " + options.computeType() + " " + options.tuning()
                        + options.kernels()
                                .map(kernels -> " with kernels for a " + kernels)
                                .orElse("");
        return DynamicTest.dynamicTest(name, () -> {
            assumeTrue(device.usable(), device.unusable());
            CheckResult result = Check.run(folder, device.id(), options);
            assertTrue(result.passed(), () -> result.toString().replace(", sequence", ",\n sequence"));
            assertTrue(!result.tensors().isEmpty() || result.sequences().of() > 0, "nothing was compared");
        });
    }

    /** Of a CPU in OpenCL also products by tiles of bfloat16, whose instructions are emulated. */
    private static List<DeviceOptions> options(DeviceDescription device) {
        List<DeviceOptions> all = new ArrayList<>();
        boolean opencl = device.backend().equals("opencl");
        for (ComputeType type : opencl ? ComputeType.values() : new ComputeType[] {ComputeType.FLOAT32}) {
            all.add(DeviceOptions.DEFAULTS.withComputeType(type));
        }
        if (opencl && device.kind() == Kind.CPU) {
            for (ComputeType type : new ComputeType[] {ComputeType.FLOAT32, ComputeType.BFLOAT16}) {
                all.add(DeviceOptions.DEFAULTS
                        .withComputeType(type)
                        .withTuning(Map.of("opencl." + type.text(), "emulated-amx")));
            }
            all.add(DeviceOptions.DEFAULTS.withKernels(Kind.GPU));
        }
        return all;
    }

    /** Encoder and decoder, encoder alone, decoder alone, as different from each other as there are. */
    private static final Set<String> FURTHER = Set.of("marian", "t5", "mt5", "bert", "llama");

    /** Of a CPU in OpenCL also units for GPUs, emulated, and settings that a tuner may find. */
    private static List<DeviceOptions> furtherOptions(DeviceDescription device) {
        if (!device.backend().equals("opencl") || device.kind() != Kind.CPU) {
            return List.of();
        }
        return List.of(
                further(Kind.GPU, ComputeType.FLOAT16, Map.of("opencl.float16", "emulated-mma")),
                further(Kind.GPU, ComputeType.BFLOAT16, Map.of("opencl.bfloat16", "emulated-mma")),
                further(Kind.GPU, ComputeType.INT8, Map.of("opencl.int8", "emulated-dp4a")),
                further(Kind.CPU, ComputeType.INT8, Map.of("opencl.int8", "plain", "opencl.block", "16")),
                further(Kind.CPU, ComputeType.INT8, Map.of("opencl.int8", "emulated-vnni", "opencl.width", "4")),
                further(
                        Kind.CPU,
                        ComputeType.FLOAT32,
                        Map.of("opencl.panel", "32", "opencl.tile", "8", "opencl.block", "24", "opencl.depth", "64")));
    }

    private static DeviceOptions further(Kind kernels, ComputeType type, Map<String, String> tuning) {
        return DeviceOptions.DEFAULTS.withKernels(kernels).withComputeType(type).withTuning(tuning);
    }

    /** The folders of {@code gyre.goldens} (several, with the path separator between them), or those of this project. */
    private static List<Path> cases() throws IOException {
        String given = System.getProperty("gyre.goldens");
        List<Path> roots = given == null
                ? List.of(resource("/goldens"), resource("/cases"))
                : Stream.of(given.split(File.pathSeparator)).map(Path::of).toList();
        List<Path> cases = new ArrayList<>();
        for (Path root : roots) {
            try (Stream<Path> folders = Files.list(root)) {
                folders.filter(f -> Files.exists(f.resolve(Check.GENERATED)))
                        .sorted()
                        .forEach(cases::add);
            }
        }
        return cases;
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(GoldenCasesTest.class.getResource(name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
