package dev.gyre.backend;

/** A device is not there, cannot be used, or failed. The message is one line that says which and what to do. */
public class DeviceException extends RuntimeException {

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
