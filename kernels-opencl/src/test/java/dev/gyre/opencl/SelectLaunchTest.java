package dev.gyre.opencl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import dev.gyre.backend.DeviceDescription.Kind;
import dev.gyre.backend.DeviceException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectLaunchTest {

    private static SmallDecoder choosing(int most) {
        return new SmallDecoder(1, 4, 200, most);
    }

    @Test
    void moreCandidatesThanTheKernelsHoldAreRefused() {
        assertDoesNotThrow(() -> SelectLaunch.requireFew(choosing(64).program()));
        assertEquals(
                "the opencl backend selects up to 64 tokens of a row, not 65 (4 for each of num_beams): lower num_beams"
                        + " to 16, or take --device cpu",
                assertThrows(
                                DeviceException.class,
                                () -> SelectLaunch.requireFew(choosing(65).program()))
                        .getMessage());
    }

    @Test
    void theyAreRefusedBeforeAWeightIsRead(@TempDir Path cache) {
        try (OpenClDevice device = Devices.open(cache, Kind.CPU)) {
            assertThrows(
                    DeviceException.class,
                    () -> device.compile(
                            choosing(65).program(), (weight, _, _, _, _) -> fail(weight.name() + " is read")));
        }
    }
}
