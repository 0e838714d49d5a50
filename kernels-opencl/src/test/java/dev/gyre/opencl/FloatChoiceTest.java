package dev.gyre.opencl;

import static dev.gyre.opencl.Devices.device;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FloatChoiceTest {

    private static final String POCL = "Portable Computing Language";
    private static final Processor AMX = new Processor(Set.of("amx_tile", "amx_int8", "amx_bf16"), () -> "");
    private static final DeviceOptions FLOAT32 = DeviceOptions.DEFAULTS;
    private static final DeviceOptions FLOAT16 = FLOAT32.withComputeType(ComputeType.FLOAT16);
    private static final DeviceOptions BFLOAT16 = FLOAT32.withComputeType(ComputeType.BFLOAT16);

    private static FloatChoice choice(ClDevice device, DeviceOptions options, Processor processor) {
        return FloatChoice.of(device, options, processor, _ -> Optional.empty());
    }

    private static ClDevice pocl() {
        return device(POCL, Kind.CPU, 16);
    }

    private static String refused(ClDevice device, DeviceOptions options, Processor processor) {
        return assertThrows(DeviceException.class, () -> choice(device, options, processor))
                .getMessage();
    }

    @Test
    void bfloat16TakesTilesWhereTheyAre() {
        assertEquals(new FloatChoice(FloatUnit.AMX, "amx"), choice(pocl(), BFLOAT16, AMX));
        assertEquals(
                new FloatChoice(FloatUnit.FMA, "fma; not amx: the processor has no amx_bf16"),
                choice(pocl(), BFLOAT16, new Processor(Set.of("amx_tile"), () -> "")));
        assertEquals(
                new FloatChoice(FloatUnit.FMA, "fma; not amx: not permitted"),
                choice(pocl(), BFLOAT16, new Processor(AMX.flags(), () -> "not permitted")));
        assertEquals(
                FloatUnit.FMA,
                choice(device("Oclgrind", Kind.CPU, 16), BFLOAT16, AMX).unit());
        assertEquals(
                new FloatChoice(FloatUnit.FMA, "fma; not mma: it is written for NVIDIA's driver"),
                choice(device(POCL, Kind.GPU, 16), BFLOAT16, AMX));
        assertEquals(
                FloatUnit.FMA,
                choice(pocl(), FLOAT32.withComputeType(ComputeType.FLOAT16), AMX)
                        .unit());
    }

    @Test
    void wrongResultsLeadBackToFma() {
        FloatChoice choice =
                FloatChoice.of(pocl(), BFLOAT16, AMX, _ -> Optional.of("a product has 3 where it should have 4"));
        assertEquals(new FloatChoice(FloatUnit.FMA, "fma; not amx: a product has 3 where it should have 4"), choice);
    }

    @Test
    void nothingIsTriedThatTheProcessorLacksOrNobodyAskedFor() {
        for (DeviceOptions options : new DeviceOptions[] {FLOAT32, BFLOAT16}) {
            Processor processor = options == FLOAT32 ? AMX : new Processor(Set.of("avx2"), () -> "");
            FloatChoice choice = FloatChoice.of(pocl(), options, processor, unit -> {
                throw new AssertionError(unit + " was tried");
            });
            assertEquals(FloatUnit.FMA, choice.unit());
        }
        assertEquals(
                "fma; not amx: only if opencl.float32 says so",
                choice(pocl(), FLOAT32, AMX).text());
    }

    @Test
    void aUnitIsForcedOrRefused() {
        DeviceOptions amx = FLOAT32.withTuning(Map.of("opencl.float32", "amx"));
        assertEquals(new FloatChoice(FloatUnit.AMX, "amx, as opencl.float32 says"), choice(pocl(), amx, AMX));
        assertEquals(
                FloatUnit.EMULATED_AMX,
                choice(
                                pocl(),
                                BFLOAT16.withTuning(Map.of("opencl.bfloat16", "emulated-amx")),
                                new Processor(Set.of(), () -> ""))
                        .unit());
        assertEquals(
                FloatUnit.FMA,
                choice(pocl(), BFLOAT16.withTuning(Map.of("opencl.bfloat16", "fma")), AMX)
                        .unit());
        assertEquals(
                "setting opencl.float32 is amx, which this device cannot take: the processor has no amx_tile, no amx_bf16;"
                        + " leave it at fma",
                refused(pocl(), amx, new Processor(Set.of("avx2"), () -> "")));
        assertEquals(
                "setting opencl.float32 is \"auto\"; it must be fma, amx, emulated-amx",
                refused(pocl(), FLOAT32.withTuning(Map.of("opencl.float32", "auto")), AMX));
        assertEquals(
                "setting opencl.bfloat16 is \"fast\"; it must be auto, amx, mma, fma, emulated-amx," + " emulated-mma",
                refused(pocl(), BFLOAT16.withTuning(Map.of("opencl.bfloat16", "fast")), AMX));
        String gpu =
                refused(device(POCL, Kind.GPU, 8), BFLOAT16.withTuning(Map.of("opencl.bfloat16", "emulated-amx")), AMX);
        assertTrue(gpu.contains("kernels for GPUs have no emulated-amx"), gpu);
    }

    private static ClDevice nvidia(int capability) {
        return device("NVIDIA CUDA", Kind.GPU, 1, capability);
    }

    @Test
    void tensorCoresAreTakenWhereTheyAre() {
        for (DeviceOptions options : new DeviceOptions[] {FLOAT16, BFLOAT16}) {
            assertEquals(new FloatChoice(FloatUnit.MMA, "mma"), choice(nvidia(90), options, AMX));
            assertEquals(new FloatChoice(FloatUnit.MMA, "mma"), choice(nvidia(0), options, AMX));
            assertEquals(
                    new FloatChoice(
                            FloatUnit.FMA, "fma; not mma: it begins with compute capability 8.0, and this is 7.5"),
                    choice(nvidia(75), options, AMX));
            assertEquals(
                    "fma; not mma: ptxas error",
                    FloatChoice.of(nvidia(80), options, AMX, _ -> Optional.of("ptxas error"))
                            .text());
        }
        assertEquals(new FloatChoice(FloatUnit.FMA, "fma"), choice(nvidia(90), FLOAT32, AMX));
        assertEquals(
                FloatUnit.FMA,
                choice(nvidia(90), FLOAT16.withTuning(Map.of("opencl.float16", "fma")), AMX)
                        .unit());
        assertEquals(
                FloatUnit.EMULATED_MMA,
                choice(device(POCL, Kind.GPU, 8), FLOAT16.withTuning(Map.of("opencl.float16", "emulated-mma")), AMX)
                        .unit());
    }

    @Test
    void tensorCoresThatAreNotThereAreRefused() {
        DeviceOptions mma = FLOAT16.withTuning(Map.of("opencl.float16", "mma"));
        assertEquals(
                "setting opencl.float16 is mma, which this device cannot take: it is written for NVIDIA's driver; leave it"
                        + " at auto",
                refused(device("AMD Accelerated Parallel Processing", Kind.GPU, 1), mma, AMX));
        assertEquals(
                "setting opencl.float16 is mma, which this device cannot take: kernels for CPUs have no mma; leave it at"
                        + " auto",
                refused(pocl(), mma, AMX));
        assertEquals(
                "setting opencl.float16 is \"amx\"; it must be auto, mma, fma, emulated-mma",
                refused(pocl(), FLOAT16.withTuning(Map.of("opencl.float16", "amx")), AMX));
    }

    /** A setting of one type is none of another. */
    @Test
    void eachTypeHasItsOwn() {
        assertEquals(
                FloatUnit.FMA,
                choice(pocl(), FLOAT32.withTuning(Map.of("opencl.bfloat16", "amx")), AMX)
                        .unit());
    }
}
