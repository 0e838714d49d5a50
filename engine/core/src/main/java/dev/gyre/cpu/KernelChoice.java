package dev.gyre.cpu;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which loops this JVM can run, and why not the faster ones.
 *
 * @param reason empty for the Vector API; else what to change, in one line
 */
record KernelChoice(Kernels kernels, String reason) {

    static final String FLAG = "--add-modules jdk.incubator.vector";

    private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);

    /** Looked for once per JVM, and said once. */
    private static final class Found {
        static final KernelChoice CHOICE = find();
    }

    static KernelChoice get() {
        return Found.CHOICE;
    }

    private static KernelChoice find() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return fallback("the Vector API is not in this JVM: start java with " + FLAG);
        }
        try {
            return new KernelChoice(vectorKernels(), "");
        } catch (LinkageError e) {
            return fallback("the Vector API of Java " + Runtime.version().feature() + " does not fit (" + e.getMessage()
                    + "): use Java 25");
        }
    }

    /** A method of its own, so that the class is linked only when it is called. */
    private static Kernels vectorKernels() {
        if (VectorMath.LANES < 4) {
            throw new UnsupportedClassVersionError("vectors of this CPU have " + VectorMath.LANES + " lanes");
        }
        return new VectorKernels();
    }

    private static KernelChoice fallback(String reason) {
        LOG.warn("{}; the cpu backend uses plain loops, which are several times slower", reason);
        return new KernelChoice(new ScalarKernels(), reason);
    }
}
