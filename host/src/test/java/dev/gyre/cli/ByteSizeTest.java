package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"4096,4096", "1K,1024", "512m,536870912", "1.5GiB,1610612736", "2GB,2147483648", "1T,1099511627776"})
    void reads(String text, long bytes) {
        assertEquals(bytes, new ByteSize().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "G", "1X", "1e3", "99999999999T"})
    void refuses(String text) {
        assertThrows(TypeConversionException.class, () -> new ByteSize().convert(text));
    }

    @Test
    void writes() {
        assertEquals("1023 B", ByteSize.text(1023));
        assertEquals("1.5 KiB", ByteSize.text(1536));
        assertEquals("2.0 GiB", ByteSize.text(1L << 31));
    }
}
