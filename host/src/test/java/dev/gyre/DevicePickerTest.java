package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Backend;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.OutOfMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DevicePickerTest {

    private record Listed(String name, List<DeviceDescription> devices) implements Backend {
        @Override
        public String absence() {
            return devices.isEmpty() ? "install a driver" : "";
        }

        @Override
        public Device open(int index, DeviceOptions options) {
            throw new DeviceException("nothing to open");
        }
    }

    private static DeviceDescription device(String backend, int index, Kind kind, long memory, String unusable) {
        return new DeviceDescription(backend, index, "test", kind, 1, memory, memory, Map.of(), unusable);
    }

    @Test
    void gpusComeFirstThenTheProcessorThroughOpenCl() {
        List<Backend> backends = List.of(
                new Listed("cpu", List.of(device("cpu", 0, Kind.CPU, 9, ""))),
                new Listed(
                        "opencl",
                        List.of(
                                device("opencl", 0, Kind.CPU, 99, ""),
                                device("opencl", 1, Kind.GPU, 5, ""),
                                device("opencl", 2, Kind.GPU, 7, "no compiler"),
                                device("opencl", 3, Kind.GPU, 6, ""))),
                new Listed("reference", List.of(device("reference", 0, Kind.CPU, 9, ""))),
                new Listed("tornado", List.of()));
        List<DevicePicker.Choice> ranked = DevicePicker.ranked(backends);
        assertEquals(
                List.of("opencl:3", "opencl:1", "opencl:0", "cpu:0"),
                ranked.stream().map(c -> c.device().id()).toList());
        assertTrue(ranked.getFirst().reason().contains("GPU"));
    }

    @Test
    void onlyAutoGoesOn() {
        List<String> tried = new ArrayList<>();
        assertThrows(
                DeviceException.class, () -> DevicePicker.open("cpu", DeviceOptions.DEFAULTS, d -> fail(d, tried)));
        assertEquals(List.of("cpu:0"), tried);
        tried.clear();
        DeviceException last = assertThrows(
                DeviceException.class, () -> DevicePicker.open("auto", DeviceOptions.DEFAULTS, d -> fail(d, tried)));
        String each = DevicePicker.ranked().stream()
                .map(c -> c.device().id() + ": made to fail")
                .collect(Collectors.joining("; "));
        assertEquals(tried.size() == 1 ? "made to fail" : "no device works: " + each, last.getMessage());
        assertEquals(DevicePicker.ranked().stream().map(c -> c.device().id()).toList(), tried);
    }

    @Test
    void aModelThatIsTooLargeForAllIsOneFailureOfItsKind() {
        OutOfMemoryException failure = assertThrows(
                OutOfMemoryException.class,
                () -> DevicePicker.open("auto", DeviceOptions.DEFAULTS, d -> {
                    d.close();
                    throw new OutOfMemoryException(
                            new MemoryPlan(7, 0, 0, 0), 5, d.description().id());
                }));
        assertTrue(
                failure.getMessage()
                        .contains(DevicePicker.ranked().getFirst().device().id()),
                failure.getMessage());
        assertEquals(2, failure.plan().total() - failure.limit());
    }

    private static Object fail(Device device, List<String> tried) {
        tried.add(device.description().id());
        device.close();
        throw new DeviceException("made to fail");
    }

    @Test
    void settingsBehindTheDeviceGoBeforeTheOthers() {
        DeviceOptions options = DeviceOptions.DEFAULTS.withTuning(Map.of("opencl.tune", "off", "cpu.a", "1"));
        try (Device device = DevicePicker.open("cpu:0?cpu.a=2&cpu.b=c=d", options, d -> d)) {
            assertEquals(
                    Map.of("opencl.tune", "off", "cpu.a", "2", "cpu.b", "c=d"),
                    device.options().tuning());
        }
    }

    @Test
    void whatIsNotThereIsOneLine() {
        for (String spec : List.of(
                "abacus", "cpu:7", "cpu:x", "", "auto:1", "cpu?", "cpu:0?cpu.a", "cpu?a=1", "cpu?cpu.a=1&cpu.a=2")) {
            String message = assertThrows(
                            DeviceException.class, () -> DevicePicker.open(spec, DeviceOptions.DEFAULTS, d -> d))
                    .getMessage();
            assertEquals(1, message.lines().count(), message);
        }
    }
}
