package dev.gyre.tornado;

import dev.gyre.backend.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * OpenCL C that TornadoVM reads from a file: the sources of the {@code opencl} backend, put together with what they are
 * compiled for. Equal texts share a file, which goes away with the JVM.
 */
final class KernelFile {

    private static final String FOLDER = "/dev/gyre/opencl/";
    private static final Map<String, Path> FILES = new ConcurrentHashMap<>();

    private final StringBuilder text = new StringBuilder("#pragma OPENCL FP_CONTRACT OFF\n");

    KernelFile() {
        define("TORNADO_HEADER", (int) TornadoNativeArray.ARRAY_HEADER);
    }

    /** Whether the sources are on the class path. */
    static boolean sourcesThere() {
        return KernelFile.class.getResource(FOLDER + "operands.cl") != null;
    }

    KernelFile define(String name, int value) {
        text.append("#undef ").append(name).append("\n#define ");
        text.append(name).append(' ').append(value).append('\n');
        return this;
    }

    KernelFile text(String source) {
        text.append(source);
        return this;
    }

    KernelFile add(String name) {
        text.append(read(name));
        return this;
    }

    /**
     * Adds a source of several kernels, each {@code KERNEL name(...) {...}}, with one of them: of a program with several
     * TornadoVM takes the first, whatever the name, and OpenCL's complaints about its arguments go unheard.
     */
    KernelFile addOnly(String kernel, String name) {
        String source = read(name);
        int start = source.indexOf("\nKERNEL ");
        int wanted = source.indexOf("\nKERNEL " + kernel + "(");
        if (wanted < 0) {
            throw new DeviceException("kernel file " + name + " has no kernel " + kernel
                    + ": gyre-opencl is of another version than gyre-tornado");
        }
        text.append(source, 0, start).append(source, wanted, source.indexOf("\n}\n", wanted) + 3);
        return this;
    }

    private static String read(String name) {
        try (InputStream in = KernelFile.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new DeviceException("kernel file " + name
                        + " is not on the class path: add gyre-opencl, or set tornado.kernels=jit");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8) + '\n';
        } catch (IOException e) {
            throw new DeviceException("kernel file " + name + " cannot be read: " + e.getMessage(), e);
        }
    }

    String source() {
        return text.toString();
    }

    /** The file, written if there is none with this text yet. */
    String path() {
        return write(text.toString());
    }

    static String write(String text) {
        return FILES.computeIfAbsent(text, KernelFile::create).toString();
    }

    private static Path create(String text) {
        try {
            Path file = Files.createTempFile("gyre", ".cl");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new DeviceException(
                    "the source of a kernel cannot be written to the folder for temporary files: " + e.getMessage(), e);
        }
    }
}
