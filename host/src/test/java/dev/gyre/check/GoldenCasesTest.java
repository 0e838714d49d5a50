package dev.gyre.check;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case with the outputs of Hugging Face and PyTorch, on every device. */
class GoldenCasesTest {

    @TestFactory
    Stream<DynamicTest> agrees() throws IOException {
        List<Path> cases = cases();
        if (cases.isEmpty()) {
            return Stream.of(DynamicTest.dynamicTest(
                    "golden cases", () -> assumeTrue(false, "there are no cases: set gyre.goldens or gyre.shared")));
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Backend backend : Backends.all()) {
            List<DeviceDescription> devices = backend.devices();
            if (devices.isEmpty()) {
                tests.add(DynamicTest.dynamicTest(backend.name(), () -> assumeTrue(false, backend.absence())));
            }
            for (DeviceDescription device : devices) {
                for (Path folder : cases) {
                    tests.add(DynamicTest.dynamicTest(folder.getFileName() + " on " + device.id(), () -> {
                        assumeTrue(device.usable(), device.unusable());
                        CheckResult result = Check.run(folder, device.id(), DeviceOptions.DEFAULTS);
                        assertTrue(result.passed(), () -> result.toString().replace(", sequence", ",\n sequence"));
                        assertTrue(!result.tensors().isEmpty(), "nothing was compared");
                    }));
                }
            }
        }
        return tests.stream();
    }

    /** The folders of {@code gyre.goldens} (several, with the path separator between them), or the shared ones. */
    private static List<Path> cases() throws IOException {
        String given = System.getProperty("gyre.goldens");
        List<Path> roots = new ArrayList<>();
        if (given != null) {
            Stream.of(given.split(java.io.File.pathSeparator)).map(Path::of).forEach(roots::add);
        } else {
            shared().map(p -> p.resolve("goldens/cases")).ifPresent(roots::add);
        }
        List<Path> cases = new ArrayList<>();
        for (Path root : roots) {
            if (Files.isDirectory(root)) {
                try (Stream<Path> folders = Files.list(root)) {
                    folders.filter(f -> Files.exists(f.resolve(Check.GENERATED)))
                            .sorted()
                            .forEach(cases::add);
                }
            }
        }
        return cases;
    }

    private static java.util.Optional<Path> shared() {
        String given = System.getProperty("gyre.shared", System.getenv().getOrDefault("GYRE_SHARED", ""));
        if (!given.isEmpty()) {
            return java.util.Optional.of(Path.of(given));
        }
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            if (Files.isDirectory(p.resolve("shared/goldens"))) {
                return java.util.Optional.of(p.resolve("shared"));
            }
        }
        return java.util.Optional.empty();
    }
}
