@echo off
rem Makes phusong's own environment from the wheels beside this file, without internet, and opens the page.
setlocal
chcp 65001 >nul
set "here=%~dp0"
set "env=%~dp0env"
fc /b "%here%requirements.txt" "%env%\requirements.txt" >nul 2>&1 && goto open
echo Đang cài đặt, chỉ lần đầu; không cần internet ... / Installing, the first time only; no internet needed ...
if exist "%env%" rmdir /s /q "%env%"
if not exist "%here%python\python.exe" goto installed
xcopy /e /i /q "%here%python" "%env%" >nul || goto failed
set "python=%env%\python.exe"
goto fill
:installed
py -@PYTHON@ -m venv --without-pip "%env%" || goto failed
set "python=%env%\Scripts\python.exe"
:fill
"%python%" "%here%pip.whl\pip" --isolated install --quiet --disable-pip-version-check --no-warn-script-location --no-cache-dir --no-compile --no-index --find-links "%here%wheels" --require-hashes --requirement "%here%requirements.txt" || goto failed
rem The last step: it says that all is there.
copy /y "%here%requirements.txt" "%env%\requirements.txt" >nul || goto failed
:open
set "python=%env%\python.exe"
if not exist "%python%" set "python=%env%\Scripts\python.exe"
"%python%" -m phusong open %*
if errorlevel 1 pause
exit /b
:failed
echo Chưa cài được. Cần 1,5 GB trống, quyền ghi vào thư mục này, và Python @PYTHON@ nếu gói không kèm Python.
echo Not installed. It needs 1.5 GB of room, leave to write into this folder, and Python @PYTHON@ where none came along.
pause
exit /b 1
