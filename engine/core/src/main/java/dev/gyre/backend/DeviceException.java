package dev.gyre.backend;

/** A device is not there, cannot be used, or failed. The message is one line that says which and what to do. */
public class DeviceException extends RuntimeException {

    /** What messages advise where memory is short. How that is said, the application knows: it may add the name of a setting. */
    public static final String LESS_AT_ONCE = "compute less at once";

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
