package dev.gyre.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Backends;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which backends there are. One that is absent is skipped here, by name, with its own reason. */
class DevicesTest {

    /** What the project has, and whatever else is on the class path. */
    static Stream<String> names() {
        TreeSet<String> names = new TreeSet<>(List.of("reference", "cpu", "opencl", "tornado"));
        Backends.all().forEach(b -> names.add(b.name()));
        return names.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void opensEveryDeviceThatItLists(String name) {
        Optional<Backend> found =
                Backends.all().stream().filter(b -> b.name().equals(name)).findFirst();
        assumeTrue(found.isPresent(), name + ": no such backend on the class path");
        Backend backend = found.orElseThrow();
        List<DeviceDescription> devices = backend.devices();
        if (devices.isEmpty()) {
            requireOneLine(backend.absence());
        }
        assumeTrue(!devices.isEmpty(), name + ": " + backend.absence());
        for (int i = 0; i < devices.size(); i++) {
            DeviceDescription device = devices.get(i);
            assertEquals(name + ":" + i, device.id());
            assertFalse(device.name().isBlank(), device.id() + " has a name");
            if (device.usable()) {
                assertTrue(
                        device.units() > 0 && device.memoryBytes() > 0 && device.maxBufferBytes() > 0,
                        device::toString);
                try (Device open = backend.open(i, DeviceOptions.DEFAULTS)) {
                    assertEquals(device.id(), open.description().id());
                    assertEquals(DeviceOptions.DEFAULTS, open.options());
                }
            } else {
                requireOneLine(device.unusable());
                requireOneLine(assertThrows(
                                DeviceException.class,
                                () -> backend.open(device.index(), DeviceOptions.DEFAULTS)
                                        .close())
                        .getMessage());
            }
        }
        assertEquals("", backend.absence(), name + " has devices, so nothing is absent");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"reference", "cpu"})
    void theCpuIsAlwaysThere(String name) {
        assertTrue(Backends.named(name).devices().stream().anyMatch(DeviceDescription::usable));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    void aDeviceThatDoesNotExistIsAnErrorInOneLine(String name) {
        Optional<Backend> found =
                Backends.all().stream().filter(b -> b.name().equals(name)).findFirst();
        assumeTrue(found.isPresent(), name + ": no such backend on the class path");
        for (int index : new int[] {-1, 1000}) {
            String message = assertThrows(
                            DeviceException.class,
                            () -> found.orElseThrow()
                                    .open(index, DeviceOptions.DEFAULTS)
                                    .close())
                    .getMessage();
            requireOneLine(message);
        }
    }

    @Test
    void anUnknownBackendIsAnErrorThatListsTheKnownOnes() {
        String message = assertThrows(DeviceException.class, () -> Backends.named("abacus"))
                .getMessage();
        requireOneLine(message);
        assertTrue(message.contains("abacus") && message.contains("reference"), message);
    }

    private static void requireOneLine(String message) {
        assertTrue(!message.isBlank() && message.lines().count() == 1, "one line: \"" + message + "\"");
    }
}
