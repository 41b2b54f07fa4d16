"use strict";
/* Arrays as maps/explore.py packs them: differences between neighbours, byte by byte, deflated, in blocks of base64
   behind the page. A block
   is read once, and let go. */
(function (app) {
  const LOOK_MS = 5;
  const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };

  function bytesOf(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // of browsers since 2025, several times quicker
    const signs = atob(text);
    const packed = new Uint8Array(signs.length);
    for (let i = 0; i < packed.length; i += 1) packed[i] = signs.charCodeAt(i);
    return packed;
  }

  async function inflate(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /* The text of a block, which may still be on its way: it is whole once anything follows it. */
  async function textOf(number) {
    for (;;) {
      const element = document.getElementById(`phusong-${number}`);
      if (element && (element.nextSibling || document.readyState !== "loading")) {
        element.remove();
        return element.textContent;
      }
      if (!element && document.readyState !== "loading") throw new Error(`the page lacks its block ${number}`);
      await new Promise((done) => { setTimeout(done, LOOK_MS); });
    }
  }

  const read = new Map(); // by block

  /* The array of what `pack` returned. Alike ones are one array, which nobody may change. */
  app.unpack = function (packed) {
    const { block } = packed;
    if (!read.has(block)) read.set(block, unpacked(packed));
    return read.get(block);
  };
  async function unpacked({ dtype, length, width, down, block }) {
    const planes = await inflate(bytesOf(await textOf(block)));
    const type = TYPES[dtype];
    const size = type.BYTES_PER_ELEMENT;
    const whole = size === 1 ? planes : size === 2 ? pairs(planes, length) : many(planes, length, size);
    if (width) ({ 1: sumBytes, 2: sumPairs, 4: sumFours })[size](whole, width, down ? width : 0);
    return new type(whole.buffer);
  }

  function pairs(planes, length) {
    const whole = new Uint16Array(length);
    for (let i = 0; i < length; i += 1) whole[i] = planes[i] | (planes[length + i] << 8);
    return whole;
  }

  function many(planes, length, size) {
    const bytes = new Uint8Array(length * size);
    for (let plane = 0; plane < size; plane += 1) for (let i = 0; i < length; i += 1) bytes[i * size + plane] = planes[plane * length + i];
    return bytes;
  }

  /* From differences, which stand folded (0, 1, 2, 3 are 0, −1, 1, −2), to values: along rows, and where `above` is the width, from row to row as well. One loop a size of
     number, for a loop that meets several is several times slower. */
  function sumBytes(whole, width, above) {
    for (let row = 0; row < whole.length; row += width) {
      let along = 0;
      for (let i = row; i < row + width; i += 1) {
        along = (along + ((whole[i] >>> 1) ^ -(whole[i] & 1))) & 0xff;
        whole[i] = above && row ? along + whole[i - above] : along;
      }
    }
  }

  function sumPairs(whole, width, above) {
    for (let row = 0; row < whole.length; row += width) {
      let along = 0;
      for (let i = row; i < row + width; i += 1) {
        along = (along + ((whole[i] >>> 1) ^ -(whole[i] & 1))) & 0xffff;
        whole[i] = above && row ? along + whole[i - above] : along;
      }
    }
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
