package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.Translator;
import dev.gyre.backend.AutomaticType;
import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which compute types a backend has, and what {@link ComputeType#AUTO} stands for. */
class ComputeTypesTest {

    private static final DeviceOptions AUTO = DeviceOptions.DEFAULTS.withComputeType(ComputeType.AUTO);

    static Stream<DeviceDescription> devices() {
        return Backends.all().stream().flatMap(b -> b.devices().stream()).filter(DeviceDescription::usable);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void opensInItsTypesAndInNoOther(DeviceDescription device) {
        Backend backend = Backends.named(device.backend());
        Set<ComputeType> offered = backend.computeTypes();
        assertTrue(offered.contains(ComputeType.FLOAT32) && !offered.contains(ComputeType.AUTO), offered::toString);
        for (ComputeType type : ComputeType.values()) {
            DeviceOptions options = DeviceOptions.DEFAULTS.withComputeType(type);
            if (offered.contains(type)) {
                try (Device open = Backends.open(backend, device.index(), options)) {
                    assertEquals(type, open.options().computeType());
                }
            } else if (type != ComputeType.AUTO) {
                String message = assertThrows(
                                DeviceException.class,
                                () -> Backends.open(backend, device.index(), options)
                                        .close())
                        .getMessage();
                assertEquals(1, message.lines().count(), message);
                offered.forEach(o -> assertTrue(message.contains(o.text()), message));
                assertTrue(message.contains("auto") && message.contains(type.text()), message);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("devices")
    void autoIsOneOfItsTypes(DeviceDescription device) {
        Backend backend = Backends.named(device.backend());
        for (Kind kernels : Kind.values()) {
            AutomaticType automatic = backend.automaticType(device.index(), AUTO.withKernels(kernels));
            assertTrue(backend.computeTypes().contains(automatic.type()), automatic::toString);
            assertTrue(
                    !automatic.reason().isBlank() && automatic.reason().lines().count() == 1, automatic::reason);
            try (Device open = Backends.open(backend, device.index(), AUTO.withKernels(kernels))) {
                assertEquals(automatic.type(), open.options().computeType());
            }
        }
        assertThrows(
                DeviceException.class,
                () -> backend.open(device.index(), AUTO).close(),
                "a backend that is opened without Backends does not guess");
    }

    @ParameterizedTest
    @CsvSource({
        "cpu,CPU,FLOAT32",
        "reference,CPU,FLOAT32",
        "opencl,CPU,INT8",
        "opencl,GPU,FLOAT16",
        "tornado,CPU,FLOAT32"
    })
    void theRules(String name, Kind kernels, ComputeType expected) {
        Backend backend = Backends.all().stream()
                .filter(b -> b.name().equals(name) && !b.devices().isEmpty())
                .findFirst()
                .orElse(null);
        assumeTrue(backend != null, name + " has no device here");
        assertEquals(
                expected, backend.automaticType(0, AUTO.withKernels(kernels)).type());
    }

    @Test
    void anApplicationLearnsWhatWasTaken() {
        for (Map.Entry<String, ComputeType> expected :
                Map.of("cpu", ComputeType.FLOAT32, "opencl", ComputeType.INT8).entrySet()) {
            if (Backends.all().stream()
                    .anyMatch(b ->
                            b.name().equals(expected.getKey()) && !b.devices().isEmpty())) {
                try (Translator translator = Translator.builder(Path.of("../models/en-de"))
                        .device(expected.getKey())
                        .deviceOptions(AUTO.withKernels(Kind.CPU))
                        .open()) {
                    assertEquals(expected.getValue(), translator.computeType());
                    assertEquals(
                            "Das Wetter ist heute schön.",
                            translator.translate("The weather is nice today.").text());
                }
            }
        }
    }
}
