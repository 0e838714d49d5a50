package dev.gyre.opencl;

import static dev.gyre.opencl.Devices.device;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Int8ChoiceTest {

    private static final String POCL = "Portable Computing Language";
    private static final Set<String> AMX =
            Set.of("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16");

    private static Processor processor(Set<String> flags, String tileRefusal) {
        return new Processor(flags, () -> tileRefusal);
    }

    private static Int8Choice choice(ClDevice device, Processor processor, Set<Int8Unit> wrong) {
        return Int8Choice.of(
                device,
                DeviceOptions.DEFAULTS,
                processor,
                unit -> wrong.contains(unit) ? Optional.of("3 where it should have 4") : Optional.empty());
    }

    private static Int8Choice forced(String unit, ClDevice device, Processor processor) {
        return Int8Choice.of(
                device,
                DeviceOptions.DEFAULTS.withTuning(Map.of("opencl.int8", unit)),
                processor,
                _ -> Optional.empty());
    }

    @Test
    void theFastestThatIsThereIsTaken() {
        assertEquals(
                new Int8Choice(Int8Unit.AMX, "amx"), choice(device(POCL, Kind.CPU, 16), processor(AMX, ""), Set.of()));
        Int8Choice vnni = choice(device(POCL, Kind.CPU, 16), processor(AMX, "not permitted"), Set.of());
        assertEquals(new Int8Choice(Int8Unit.VNNI, "vnni; not amx: not permitted"), vnni);
        Int8Choice narrow = choice(device(POCL, Kind.CPU, 8), processor(AMX, ""), Set.of());
        assertEquals(Int8Unit.AVX_VNNI, narrow.unit());
        assertTrue(narrow.text().contains("not vnni: PoCL compiles for vectors of 8 floats"), narrow.text());
        Int8Choice old = choice(device(POCL, Kind.CPU, 8), processor(Set.of("avx2"), ""), Set.of());
        assertEquals(Int8Unit.PMADDUBSW, old.unit());
        assertTrue(old.text().contains("not avx-vnni: the processor has no avx_vnni"), old.text());
        assertEquals(
                Int8Unit.PAIRS,
                choice(device(POCL, Kind.CPU, 4), processor(Set.of(), ""), Set.of())
                        .unit());
    }

    @Test
    void wrongResultsLeadToTheNext() {
        Int8Choice choice = choice(device(POCL, Kind.CPU, 16), processor(AMX, ""), Set.of(Int8Unit.AMX, Int8Unit.VNNI));
        assertEquals(Int8Unit.AVX_VNNI, choice.unit());
        assertTrue(choice.text().contains("not amx: 3 where it should have 4"), choice.text());
    }

    @Test
    void nothingIsTriedThatTheProcessorLacks() {
        List<Int8Unit> tried = new ArrayList<>();
        Int8Choice choice = Int8Choice.of(
                device(POCL, Kind.CPU, 16), DeviceOptions.DEFAULTS, processor(Set.of("avx2"), ""), unit -> {
                    tried.add(unit);
                    return Optional.of("does not build");
                });
        assertEquals(List.of(Int8Unit.PMADDUBSW, Int8Unit.PMADDWD), tried);
        assertEquals(Int8Unit.PAIRS, choice.unit());
        assertTrue(choice.text().contains("not pmaddubsw: does not build"), choice.text());
    }

    @Test
    void otherDriversAndGpusTakeWhatRunsAnywhere() {
        assertEquals(
                Int8Unit.PAIRS,
                choice(device("Oclgrind", Kind.CPU, 16), processor(AMX, ""), Set.of())
                        .unit());
        assertEquals(
                new Int8Choice(Int8Unit.PLAIN, "plain; not dp4a: it is written for NVIDIA's driver"),
                choice(device(POCL, Kind.GPU, 16), processor(AMX, ""), Set.of()));
    }

    @Test
    void aUnitIsForcedOrRefused() {
        ClDevice device = device(POCL, Kind.CPU, 8);
        Processor processor = processor(Set.of("avx2"), "");
        assertEquals(
                Int8Unit.EMULATED_AMX, forced("emulated-amx", device, processor).unit());
        assertEquals(Int8Unit.PLAIN, forced("plain", device, processor).unit());
        DeviceException missing = assertThrows(DeviceException.class, () -> forced("amx", device, processor));
        assertEquals(
                "setting opencl.int8 is amx, which this device cannot take: the processor has no amx_tile, no amx_int8, no"
                        + " avx512_vnni; leave it at auto",
                missing.getMessage());
        DeviceException unknown = assertThrows(DeviceException.class, () -> forced("fast", device, processor));
        assertTrue(unknown.getMessage().contains("\"fast\"; it must be auto, amx, vnni"), unknown.getMessage());
        DeviceException gpu = assertThrows(
                DeviceException.class, () -> forced("emulated-vnni", device(POCL, Kind.GPU, 8), processor));
        assertTrue(gpu.getMessage().contains("kernels for GPUs have no emulated-vnni"), gpu.getMessage());
    }

    @Test
    void nvidiaTakesFourBytesAtATime() {
        Processor processor = processor(Set.of(), "");
        assertEquals(
                new Int8Choice(Int8Unit.DP4A, "dp4a"),
                choice(device("NVIDIA CUDA", Kind.GPU, 1, 61), processor, Set.of()));
        assertEquals(
                new Int8Choice(
                        Int8Unit.PLAIN, "plain; not dp4a: it begins with compute capability 6.1, and this is 6.0"),
                choice(device("NVIDIA CUDA", Kind.GPU, 1, 60), processor, Set.of()));
        assertEquals(
                new Int8Choice(Int8Unit.PLAIN, "plain; not dp4a: 3 where it should have 4"),
                choice(device("NVIDIA CUDA", Kind.GPU, 1, 90), processor, Set.of(Int8Unit.DP4A)));
        assertEquals(
                Int8Unit.EMULATED_DP4A,
                forced("emulated-dp4a", device(POCL, Kind.GPU, 8), processor).unit());
        DeviceException elsewhere =
                assertThrows(DeviceException.class, () -> forced("dp4a", device(POCL, Kind.GPU, 8), processor));
        assertEquals(
                "setting opencl.int8 is dp4a, which this device cannot take: it is written for NVIDIA's driver; leave it"
                        + " at auto",
                elsewhere.getMessage());
        DeviceException cpu =
                assertThrows(DeviceException.class, () -> forced("dp4a", device(POCL, Kind.CPU, 8), processor));
        assertTrue(cpu.getMessage().contains("kernels for CPUs have no dp4a"), cpu.getMessage());
    }

    @Test
    void flagsAreThoseOfTheFirstProcessor() {
        assertEquals(
                Set.of("avx2", "avx_vnni"),
                Processor.flags(List.of("processor\t: 0", "flags\t\t: avx2 avx_vnni", "flags\t\t: sse")));
        assertEquals(Set.of(), Processor.flags(List.of("Features\t: asimd")));
    }

    /** Asking is harmless; what the answer is depends on the machine. */
    @Test
    void tilesArePermittedOnlyWhereTheyAre() {
        Processor here = Processor.here();
        String refusal = here.tileRefusal().get();
        assertFalse(refusal.isEmpty() && !here.flags().contains("amx_tile"), "permitted without amx_tile");
        assertFalse(refusal.contains("cannot be asked"), refusal);
    }
}
