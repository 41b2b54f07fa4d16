"use strict";
/* Arrays as maps/explore.py packs them: differences between neighbours, byte by byte, deflated, in blocks of base64
   behind the page. A block is read once, and let go. */
(function (app) {
  const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

  function bytesOf(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // of browsers since 2025, several times quicker
    const signs = atob(text);
    const packed = new Uint8Array(signs.length);
    for (let i = 0; i < packed.length; i += 1) packed[i] = signs.charCodeAt(i);
    return packed;
  }

  /* Through the stream itself: by a Blob and a Response it takes half as long again. */
  async function inflate(packed, size) {
    const stream = new DecompressionStream("deflate");
    const writer = stream.writable.getWriter();
    const written = Promise.all([writer.write(packed), writer.close()]);
    const reader = stream.readable.getReader();
    const whole = new Uint8Array(size);
    let at = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      whole.set(next.value, at);
      at += next.value.length;
    }
    await written;
    return whole;
  }

  async function textOf(number) {
    const element = await app.block(number);
    element.remove();
    return element.textContent;
  }

  const read = new Map(); // by block

  /* The array of what `pack` returned. Alike ones are one array, which nobody may change. */
  app.unpack = function (packed) {
    const { block } = packed;
    if (!read.has(block)) read.set(block, unpacked(packed));
    return read.get(block);
  };
  async function unpacked({ dtype, length, width, down, block }) {
    const type = TYPES[dtype];
    const size = type.BYTES_PER_ELEMENT;
    const planes = await inflate(bytesOf(await textOf(block)), length * size);
    const above = down ? width : 0;
    if (size === 1) return new type((width ? sumBytes(planes, width, above) : planes).buffer);
    if (size === 2) return new type((width ? sumPairs(planes, length, width, above) : pairs(planes, length)).buffer);
    const bytes = together(planes, length, size);
    if (width) sumFours(bytes, width, above);
    return new type(bytes.buffer);
  }

  function pairs(planes, length) {
    const whole = new Uint16Array(length);
    for (let i = 0; i < length; i += 1) whole[i] = planes[i] | (planes[length + i] << 8);
    return whole;
  }

  function together(planes, length, size) {
    const bytes = new Uint8Array(length * size);
    for (let plane = 0; plane < size; plane += 1) for (let i = 0; i < length; i += 1) bytes[i * size + plane] = planes[plane * length + i];
    return bytes;
  }

  /* From differences, which stand folded (0, 1, 2, 3 are 0, −1, 1, −2), to values: along rows, and where `above` is the
     width, from row to row as well. An array keeps what fits of a sum, as numbers that wrap around do. One loop a size
     of number, for a loop that meets several is several times slower. */
  function sumBytes(whole, width, above) {
    for (let row = 0; row < whole.length; row += width) {
      const up = row ? above : 0;
      let along = 0;
      for (let i = row; i < row + width; i += 1) {
        along = (along + ((whole[i] >>> 1) ^ -(whole[i] & 1))) | 0;
        whole[i] = up ? along + whole[i - up] : along;
      }
    }
    return whole;
  }

  function sumPairs(planes, length, width, above) {
    const whole = new Uint16Array(length);
    for (let row = 0; row < length; row += width) {
      const up = row ? above : 0;
      let along = 0;
      for (let i = row; i < row + width; i += 1) {
        const folded = planes[i] | (planes[length + i] << 8);
        along = (along + ((folded >>> 1) ^ -(folded & 1))) | 0;
        whole[i] = up ? along + whole[i - up] : along;
      }
    }
    return whole;
  }

  function sumFours(bytes, width, above) {
    const whole = new Uint32Array(bytes.buffer);
    for (let row = 0; row < whole.length; row += width) {
      let along = 0;
      for (let i = row; i < row + width; i += 1) {
        along = (along + ((whole[i] >>> 1) ^ -(whole[i] & 1))) >>> 0;
        whole[i] = above && row ? along + whole[i - above] : along;
      }
    }
  }
})(phusong);
