package dev.gyre.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.backend.Backends;
import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.backend.Peak;
import dev.gyre.backend.TuningOrigin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The form of what is printed; no time is looked at. */
class OpsTest {

    private static final OpsRun.Figures LINEAR = new OpsRun.Figures("linear", "2x3x4", 1e-3, 4e6, 1e6);
    private static final OpsRun.Figures SELECT = new OpsRun.Figures("select", "2x9", 1e-3, 0, 5e6);
    private static final Conditions CONDITIONS = new Conditions(
            "d:0",
            new DeviceDescription("d", 0, "a device", Kind.GPU, 4, 0, 0, Map.of("driver", "1.2"), ""),
            ComputeType.BFLOAT16,
            0,
            "auto",
            new TuningOrigin(TuningOrigin.Kind.SHIPPED, "by hand"),
            0.5,
            true);
    private static final Peak PEAK = new Peak(10e9, 8e9);

    private static String line(String format, OpsRun.Figures figures, Optional<Peak> peak) {
        return Ops.line(format, CONDITIONS, 0.2, figures, peak);
    }

    @Test
    void shareIsThatOfTheLowerRoof() {
        assertEquals(
                "| linear | 2x3x4 | 1000.0 | 4.0 | 1.0 | 50 % | fma |", line("markdown", LINEAR, Optional.of(PEAK)));
        assertEquals(
                "| select | 2x9 | 1000.0 | - | 5.0 | 50 % | memory |", line("markdown", SELECT, Optional.of(PEAK)));
        assertEquals("| linear | 2x3x4 | 1000.0 | 4.0 | 1.0 | - | - |", line("markdown", LINEAR, Optional.empty()));
    }

    @Test
    void textHasOneLine() {
        assertEquals(1, line("text", LINEAR, Optional.of(PEAK)).lines().count());
    }

    @Test
    void jsonHasNumbers() throws Exception {
        JsonNode object = new ObjectMapper().readTree(line("jsonl", LINEAR, Optional.of(PEAK)));
        assertEquals("bfloat16", object.get("type").asText());
        assertEquals("a device", object.get("name").asText());
        assertEquals("1.2", object.get("driver").asText());
        assertEquals("shipped", object.get("tuning").asText());
        assertEquals(0.2, object.get("seconds").asDouble());
        assertTrue(object.get("threads").isNull(), "a GPU has none");
        assertEquals(4, object.get("gflops").asDouble(), 1e-9);
        assertEquals(0.5, object.get("share").asDouble(), 1e-9);
        assertEquals("fma", object.get("roof").asText());
        assertFalse(new ObjectMapper()
                .readTree(line("jsonl", LINEAR, Optional.empty()))
                .has("share"));
    }

    @Test
    void mistakesAreSaid() {
        assertThrows(IllegalArgumentException.class, () -> call("--format", "xml"));
        assertThrows(IllegalArgumentException.class, () -> call("--rows", "0"));
    }

    private static void call(String... arguments) throws Exception {
        Ops ops = new Ops();
        new CommandLine(ops).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
        ops.call();
    }

    @Test
    void everyOperationHasFigures() {
        try (Device device = Backends.named("cpu").open(0, DeviceOptions.DEFAULTS)) {
            Peak peak = device.peak().orElseThrow();
            assertTrue(peak.bytesPerSecond() > 0 && peak.operationsPerSecond() > 0, peak.toString());
            List<OpsRun.Figures> figures = new OpsRun(new int[] {1, 3}, 0).on(device);
            assertEquals(
                    List.of("linear", "attention decode", "attention encode", "layer norm", "select top 8"),
                    figures.stream().map(OpsRun.Figures::operation).distinct().toList());
            assertEquals(8 + 3 + 2 + 1, figures.size());
            assertTrue(figures.stream().allMatch(f -> f.seconds() > 0 && f.bytes() > 0), figures.toString());
        }
    }
}
