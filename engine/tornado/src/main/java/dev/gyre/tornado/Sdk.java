package dev.gyre.tornado;

import java.lang.reflect.Field;
import java.util.List;

/** Whether this JVM runs with a TornadoVM SDK. Touches no class of TornadoVM before that is certain. */
final class Sdk {

    private static final String RUNTIME = "tornado.load.runtime.implementation";
    private static final String BAILOUT = "tornado.recover.bailout";
    private static final String MEMORY = "tornado.device.memory";
    private static final String BYTECODES = "tornado.tvm.maxbytecodesize";
    private static final String ABSENCE = look();

    private Sdk() {}

    /** Why TornadoVM cannot be used in this JVM, in one line; empty if it can. */
    static String absence() {
        return ABSENCE;
    }

    private static String look() {
        if (System.getProperty(RUNTIME) == null) {
            return "this JVM runs without a TornadoVM SDK: install one for JDK "
                    + Runtime.version().feature()
                    + " with the OpenCL backend, set TORNADOVM_HOME and start Java with @$TORNADOVM_HOME/tornado-argfile";
        }
        // All are read once, when TornadoVM's classes are loaded.
        if (System.getProperty(BAILOUT) == null) {
            System.setProperty(BAILOUT, "False");
        }
        if (System.getProperty(MEMORY) == null) {
            // TornadoVM's own limit is 4 GB whatever the device has; a program's plan is checked against the device.
            System.setProperty(MEMORY, "1024TB");
        }
        if (System.getProperty(BYTECODES) == null) {
            // The default holds some dozens of tasks; a decoder of many layers has hundreds.
            System.setProperty(BYTECODES, Integer.toString(1 << 20));
        }
        try {
            Field bailout = Class.forName("uk.ac.manchester.tornado.runtime.common.TornadoOptions")
                    .getField("RECOVER_BAILOUT");
            if (bailout.getBoolean(null)) {
                return "TornadoVM is set to run a kernel that it cannot compile as sequential Java, with wrong results:"
                        + " start Java with -Dtornado.recover.bailout=False";
            }
            return TornadoDevices.defect();
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            return "the TornadoVM SDK cannot be loaded (" + firstLine(e) + "): check that it is for JDK "
                    + Runtime.version().feature();
        }
    }

    /** The reason of a failure in one line, without what TornadoVM puts around it. */
    static String firstLine(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return cause.getClass().getSimpleName();
        }
        List<String> lines = message.replaceAll("\u001B\\[[0-9;]*m", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("Bailout is disabled"))
                .toList();
        return lines.isEmpty() ? message.strip() : lines.getFirst();
    }
}
