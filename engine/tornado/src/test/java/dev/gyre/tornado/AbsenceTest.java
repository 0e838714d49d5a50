package dev.gyre.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.backend.DeviceException;
import dev.gyre.backend.DeviceOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AbsenceTest {

    /** What a JVM without the SDK's argument file prints. */
    public static final class Main {
        private Main() {}

        public static void main(String[] args) {
            TornadoBackend backend = new TornadoBackend();
            System.out.println(backend.devices().size());
            System.out.println(backend.absence());
            try {
                backend.open(0, DeviceOptions.DEFAULTS).close();
            } catch (DeviceException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void withoutTheArgumentFileThereIsNoDeviceAndOneLineSaysWhy() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName())
                .redirectErrorStream(true)
                .start();
        String[] lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split("\n");
        assertEquals(0, process.waitFor());
        assertEquals(3, lines.length, String.join("\n", lines));
        assertEquals("0", lines[0]);
        assertTrue(lines[1].contains("tornado-argfile"), lines[1]);
        assertEquals(lines[1], lines[2]);
    }

    @Test
    void aKernelChoiceThatDoesNotExistIsNamed() {
        Products products = new Products(8, 8);
        try (var device =
                Products.open(DeviceOptions.DEFAULTS.withTuning(java.util.Map.of("tornado.linear", "fast")))) {
            String message = Assertions.assertThrows(
                            DeviceException.class, () -> device.compile(products.program, Products.weights(1)))
                    .getMessage();
            assertTrue(message.contains("\"fast\"") && message.contains("prebuilt"), message);
        }
    }
}
