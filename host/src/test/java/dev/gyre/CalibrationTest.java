package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.Backends;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.transformer.ModelShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {

    private static final DeviceDescription OPENCL = device("opencl", "3.1");
    private static final DeviceDescription TORNADO = device("tornado", "PoCL");

    @TempDir
    private Path folder;

    private static DeviceDescription device(String backend, String driver) {
        return new DeviceDescription(backend, 0, "processor", Kind.CPU, 2, 9, 9, Map.of("driver", driver), "");
    }

    private Calibration calibration() {
        return new Calibration(folder.resolve("new").resolve("calibration.jsonl"));
    }

    @Test
    void theLeastTimeIsTakenAndNoted() {
        Optional<Calibration.Line> line =
                calibration().measure(List.of(OPENCL, TORNADO), "8x8 FLOAT32", d -> d == TORNADO ? 0.002 : 0.003);
        assertEquals("tornado", line.orElseThrow().faster());
        assertTrue(
                line.get().reason().contains("opencl 3.00 ms, tornado 2.00 ms"),
                line.get().reason());
        assertEquals(line, calibration().noted(OPENCL, "8x8 FLOAT32"));
        assertEquals(Optional.empty(), calibration().noted(OPENCL, "8x8 INT8"));
        assertEquals(Optional.empty(), calibration().noted(device("opencl", "4.0"), "8x8 FLOAT32"));
    }

    @Test
    void aBackendThatFailsIsOutOfIt() {
        Optional<Calibration.Line> line = calibration().measure(List.of(OPENCL, TORNADO), "8x8", d -> {
            if (d == TORNADO) {
                throw new DeviceException("has no int8");
            }
            return 1;
        });
        assertEquals("opencl", line.orElseThrow().faster());
        assertEquals(Map.of("opencl", 1000.0), line.get().milliseconds());
        assertEquals(Optional.empty(), calibration().measure(List.of(OPENCL), "9x9", d -> {
            throw new DeviceException("fails");
        }));
    }

    @Test
    void whatIsToBeMeasuredStandsThereUntilItIs() throws IOException {
        Path file = folder.resolve("new").resolve("calibration.jsonl");
        calibration().noteUnmeasured(OPENCL, "8x8");
        assertTrue(Files.readString(file).contains("\"faster\":\"unmeasured\""));
        assertEquals(Optional.empty(), calibration().noted(OPENCL, "8x8"));
        calibration().measure(List.of(OPENCL, TORNADO), "8x8", d -> d == TORNADO ? 2 : 1);
        calibration().noteUnmeasured(OPENCL, "8x8");
        assertEquals("opencl", calibration().noted(OPENCL, "8x8").orElseThrow().faster());
        assertEquals(1, Files.readAllLines(file).size());
    }

    @Test
    void oneBackendAfterAllIsNotAskedForAgain() throws IOException {
        Path file = folder.resolve("new").resolve("calibration.jsonl");
        calibration().noteOnly(OPENCL, "8x8");
        assertTrue(Files.notExists(file));
        calibration().noteUnmeasured(OPENCL, "8x8");
        calibration().noteOnly(OPENCL, "8x8");
        calibration().noteUnmeasured(OPENCL, "8x8");
        assertTrue(Files.readString(file).contains("\"faster\":\"opencl\""));
        assertEquals(Optional.empty(), calibration().noted(OPENCL, "8x8"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"device\":", "null", "{\"device\":null}", "7", ""})
    void aDamagedFileIsWrittenAnew(String text) throws IOException {
        Path file = Files.createDirectories(folder.resolve("new")).resolve("calibration.jsonl");
        Files.writeString(file, text + "\n");
        assertEquals(Optional.empty(), calibration().noted(OPENCL, "8x8"));
        calibration().measure(List.of(OPENCL), "8x8", d -> 1);
        assertEquals("opencl", calibration().noted(OPENCL, "8x8").orElseThrow().faster());
    }

    @Test
    void aLayerIsMeasuredByItsProducts() {
        LayerProducts products = LayerProducts.of(new ModelShape(1, 16, 2, 32, 50).transformer());
        assertEquals("16x16,16x16,16x16,16x16,16x16,16x16,32x16,16x32", products.key());
        try (Device device = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS)) {
            double seconds = products.seconds(device);
            assertTrue(seconds > 0 && seconds < 10, seconds + " s");
        }
    }
}
