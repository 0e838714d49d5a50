package dev.gyre.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bytes as people write them: {@code 512M}, {@code 1.5GiB}, {@code 4096}; powers of 1024. */
final class ByteSize implements ITypeConverter<Long> {

    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([KMGT]?)(?:I?B)?");
    private static final String UNITS = "KMGT";

    @Override
    public Long convert(String value) {
        Matcher m = FORM.matcher(value.toUpperCase(Locale.ROOT));
        if (!m.matches()) {
            throw new TypeConversionException("\"" + value + "\" is no number of bytes, such as 800M or 2G");
        }
        double unit = m.group(2).isEmpty() ? 1 : Math.pow(1024, UNITS.indexOf(m.group(2)) + 1);
        double bytes = Double.parseDouble(m.group(1)) * unit;
        if (bytes < 1 || bytes > Long.MAX_VALUE / 2) {
            throw new TypeConversionException("\"" + value + "\" bytes cannot be asked for");
        }
        return (long) bytes;
    }

    /** {@code 8.1 MiB}. */
    static String text(long bytes) {
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < UNITS.length() - 1) {
            value /= 1024;
            unit++;
        }
        return unit < 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %ciB", value, UNITS.charAt(unit));
    }
}
